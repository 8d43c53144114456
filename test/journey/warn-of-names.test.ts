import { expect, test } from "bun:test";
import { createNameWarning } from "../../src/journey/warn-of-names.ts";
import { createSites } from "../../src/plan/create-sites.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { testConfig } from "../support/proxy.ts";

function hear(names: readonly string[], listed: readonly string[] = []): string[] {
  const lines: string[] = [];
  const config = testConfig({ models: { big: "b", middle: "m", small: "s" } });
  const sites = createSites(config);
  sites.default.catalog.replace(
    listed.map((id) => ({ id })),
    0,
  );
  const log = createLog("WARNING", (line) => void lines.push(line));
  const notice = createNameWarning({ config, sites, log });
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
