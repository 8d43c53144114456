import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createRouting } from "../../src/plan/create-routing.ts";
import { noHints } from "../../src/plan/route-table.ts";
import { configWith } from "../support/routing.ts";

const backends = `
[backends.router]
url = "https://openrouter.ai/api/v1"
keys = "k"
[backends.local]
url = "http://localhost:11434/v1"
[backends.claude]
url = "https://claude.example/v1"
`;

/** The example of the README. */
const example = `${backends}
[routes]
opus = ["claude@claude-opus-5-5", "router@openai/gpt-5.4"]
sonnet = "router@openai/gpt-5.4-mini"
haiku = "local@qwen3-coder"
subagent = "router@openai/gpt-5.4-mini"
compaction = "local@qwen3-coder"
"agent:Explore" = "local@qwen3-coder"
"claude-*" = "claude@*"
[aliases]
fast = "local@qwen3-coder"
`;

type Hints = { agentType?: string | undefined; requestClass?: string | undefined };

function choosing(toml: string, env = {}) {
  const { routes, sites } = createRouting(configWith(toml, env));
  const choose = (asked: string, hints: Hints = {}) => routes.choose(asked, { ...noHints, ...hints });
  const where = (asked: string, hints: Hints = {}) =>
    choose(asked, hints)
      .steps.map(({ site, model }) => `${site.backend.id}@${model}`)
      .join(" ");
  return { where, choose, routes, sites };
}

describe("the order of choice", () => {
  const { where } = choosing(example);
  const all = { agentType: "Explore", requestClass: "subagent" };

  test("an explicit target or an alias comes first", () => {
    expect(where("router@any/model", all)).toBe("router@any/model");
    expect(where("claude/router@any/model[1m]", all)).toBe("router@any/model");
    for (const name of ["fast", "claude/fast", "fast[1m]"])
      expect(where(name, all)).toBe("local@qwen3-coder");
  });

  test("then the agent type, then the class", () => {
    expect(where("claude-opus-5-5", all)).toBe("local@qwen3-coder");
    expect(where("claude-opus-5-5", { requestClass: "subagent" })).toBe("router@openai/gpt-5.4-mini");
    expect(where("claude-opus-5-5", { requestClass: "compaction" })).toBe("local@qwen3-coder");
    expect(where("claude-haiku-5", { agentType: "Plan", requestClass: "main" })).toBe("local@qwen3-coder");
  });

  test("then the tiers, and a pattern of all Claude names for what is left", () => {
    expect(where("claude-opus-5-5")).toBe("claude@claude-opus-5-5 router@openai/gpt-5.4");
    expect(where("claude-sonnet-5")).toBe("router@openai/gpt-5.4-mini");
    expect(where("haiku")).toBe("local@qwen3-coder");
    expect(where("claude-next-7")).toBe("router@openai/gpt-5.4-mini");
  });

  test("the default backend is the first of the file", () => {
    expect(where("some/model")).toBe("router@some/model");
  });
});

describe("names and patterns", () => {
  const toml = `${backends}
[routes]
opus = "router@o"
"claude-opus-4-*" = "local@old"
"claude-opus-4-1" = "local@exact"
"claude-*" = "claude@*"
"gpt-*-mini" = "local@*"
"gpt-*" = "claude@x/*"
fable = "claude@f"
default = "local@d"
`;
  const { where } = choosing(toml);

  test.each([
    ["claude-opus-4-1", "local@exact"],
    ["claude-opus-4-5", "local@old"],
    ["claude-opus-5", "router@o"],
    // Sonnet has no route of its own.
    ["claude-sonnet-5", "claude@claude-sonnet-5"],
    ["claude-fable-5-2", "claude@f"],
    ["gpt-5-mini", "local@gpt-5-mini"],
    ["gpt-5", "claude@x/gpt-5"],
    ["other", "local@d"],
  ])("%s goes to %s", (asked, target) => {
    expect(where(asked)).toBe(target);
  });

  test("a pattern matches what it says, whatever the text", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
    const pieces = fc.array(letters, { minLength: 2, maxLength: 4 });
    const property = fc.property(pieces, letters, (parts, name) => {
      const key = `x${parts.join("*")}`;
      const { where } = choosing(`${backends}\n[routes]\n"${key}" = "local@hit"`);
      const expected = new RegExp(`^x${parts.join(".*")}$`).test(`x${name}`);
      expect(where(`x${name}`) === "local@hit").toBe(expected);
    });
    fc.assert(property, { numRuns: 50 });
  });
});

test("without a file, tiers go to their backends and other names to the default one", () => {
  const env = {
    OPENAI_API_KEY: "k",
    OPENAI_BASE_URL: "https://a.example/v1",
    BIG_MODEL: "b",
    SMALL_MODEL: "s",
  };
  const { where } = choosing("", { ...env, SMALL_BASE_URL: "http://localhost:1/v1" });
  expect(where("claude-opus-5-5", { requestClass: "subagent", agentType: "x" })).toBe("default@b");
  expect(where("claude-haiku-5")).toBe("small@s");
  expect(where("gpt-5")).toBe("default@gpt-5");
});

test("a name is a tier's until the default backend lists a model of that name", () => {
  const { choose, sites } = choosing("", { OPENAI_BASE_URL: "http://127.0.0.1:1/v1", OPENAI_API_KEY: "k" });
  expect(choose("claude-next").name).toBe("sonnet");
  expect(choose("claude-next")).toBe(choose("claude-next"));
  sites.default.catalog.replace([{ id: "claude-next" }], 0);
  expect(choose("claude-next").name).toBe("default");
});

test("an open tier goes to what its backend lists at the time", () => {
  const { where, sites } = choosing("", {
    OPENAI_API_KEY: "k",
    OPENAI_BASE_URL: "https://a.example/v1",
    SMALL_BASE_URL: "http://localhost:1/v1",
  });
  for (const id of ["first", "second"]) {
    sites.ofTier("small").catalog.replace([{ id }], 0);
    expect(where("claude-haiku-5")).toBe(`small@${id}`);
  }
});

test("the table is listed in the order of choice", () => {
  const { routes } = choosing(example);
  expect(routes.list()).toEqual([
    { key: "fast (alias)", targets: ["local@qwen3-coder"] },
    { key: "agent:Explore", targets: ["local@qwen3-coder"] },
    { key: "subagent", targets: ["router@openai/gpt-5.4-mini"] },
    { key: "compaction", targets: ["local@qwen3-coder"] },
    { key: "claude-*", targets: ["claude@*"] },
    { key: "opus", targets: ["claude@claude-opus-5-5", "router@openai/gpt-5.4"] },
    { key: "sonnet", targets: ["router@openai/gpt-5.4-mini"] },
    { key: "haiku", targets: ["local@qwen3-coder"] },
    { key: "default", targets: ["router@*"] },
  ]);
});

test("every name has a route, with at least one step at a known backend", () => {
  const { choose, sites } = choosing(example);
  const property = fc.property(
    fc.string(),
    fc.option(fc.string(), { nil: undefined }),
    (asked, requestClass) => {
      const { steps } = choose(asked, { requestClass });
      expect(steps.every(({ site }) => sites.all.includes(site))).toBe(true);
    },
  );
  fc.assert(property);
});
