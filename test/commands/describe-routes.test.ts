import { expect, test } from "bun:test";
import { describeBackends, describeRoutes } from "../../src/commands/describe-routes.ts";
import { testConfig } from "../support/proxy.ts";
import { configWith } from "../support/routing.ts";

const toml = `
[backends.router]
url = "https://openrouter.ai/api/v1"
[backends.local]
url = "http://localhost:11434/v1"
[routes]
opus = ["router@a/b", "local@q"]
`;

test("one backend needs no table", () => {
  expect(describeRoutes(testConfig())).toEqual([]);
  expect(describeBackends(testConfig())).toBe("127.0.0.1:9");
});

test("several have one, with the order in which targets are tried", () => {
  expect(describeBackends(configWith(toml))).toBe("router (openrouter.ai), local (localhost:11434)");
  expect(describeRoutes(configWith(toml))).toEqual([
    "opus → router@a/b, else local@q",
    "sonnet → router@openai/gpt-5.4-mini",
    "haiku → router@openai/gpt-5.4-nano",
    "default → router@*",
  ]);
});
