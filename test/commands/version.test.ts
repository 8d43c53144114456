import { expect, test } from "bun:test";
import { describeBuild, describeVersion } from "../../src/commands/version.ts";
import type { BuildFacts } from "../../src/version.ts";

test("the version is one line", () => {
  expect(describeVersion("prog", "1.2.3")).toBe("prog 1.2.3");
});

test("the build is one line of JSON with the same fields in every build", () => {
  const facts: BuildFacts = { name: "prog", version: "1.2.3", commit: "abc", bun: "1.4.5", target: "source" };
  const line = describeBuild({ ...facts });
  expect(line).not.toContain("\n");
  expect(JSON.parse(line)).toEqual(facts);
});
