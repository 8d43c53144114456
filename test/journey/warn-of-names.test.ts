import { expect, test } from "bun:test";
import { createNameWarning } from "../../src/journey/warn-of-names.ts";
import { createRouting } from "../../src/plan/create-routing.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { testConfig } from "../support/proxy.ts";

const models = { big: "b", middle: "m", small: "s" };

function hear(
  names: readonly string[],
  listed: readonly string[] = [],
  config = testConfig({ models }),
): string[] {
  const lines: string[] = [];
  const { sites, routes } = createRouting(config);
  sites.default.catalog.replace(
    listed.map((id) => ({ id })),
    0,
  );
  const log = createLog("WARNING", (line) => void lines.push(line));
  const notice = createNameWarning({ config, sites, routes, log });
  for (const name of names) notice(name);
  return lines;
}

test("a name of no family is warned of once", () => {
  const lines = hear(["claude-next-7", "claude-next-7", "claude-other"]);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain("claude-next-7 belongs to no known family, so it goes to MIDDLE_MODEL");
});

test("known names, and names that the backend lists, are not", () => {
  expect(hear(["claude-opus-5", "fable", "gpt-5", "claude/x", "claude-next-7"], ["claude-next-7"])).toEqual(
    [],
  );
});

test("the number of warnings has a limit", () => {
  expect(hear(Array.from({ length: 500 }, (_, index) => `claude-x-${index}`)).length).toBe(100);
});

test("a backend that is not there is warned of once, where there are several", () => {
  const several = testConfig({ models, smallBackend: { baseUrl: "http://127.0.0.1:8/v1" } });
  const names = ["smal@x", "claude/smal@x[1m]", "smal@x", "nowhere@x", "small@x", "@cf/x", "m@1", "opus@1"];
  const lines = hear(names, ["m@1"], several);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain(
    "There is no backend smal, so smal@x is taken for a model's name; did you mean small?",
  );
  expect(lines[1]).toContain(
    "There is no backend nowhere, so nowhere@x is taken for a model's name; there are default, small",
  );
  expect(hear(["nowhere@x"])).toEqual([]);
});
