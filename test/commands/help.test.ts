import { expect, test } from "bun:test";
import { describeUsage, describeWaysOn } from "../../src/commands/help.ts";
import { flags } from "../../src/commands/read-arguments.ts";
import { table } from "../../src/variables.ts";

test("the page names every flag and variable, and starts with examples", () => {
  const page = describeUsage("prog");
  for (const { name } of flags) expect(page).toContain(name);
  for (const name of Object.keys(table.shape)) expect(page).toContain(`  ${name} `);
  expect(page).toContain("CUSTOM_HEADER_*");
  expect(page.indexOf("Examples:")).toBeLessThan(page.indexOf("Flags:"));
  expect(page).toContain("prog --demo");
});

test("the three ways on", () => {
  const text = describeWaysOn("prog");
  for (const way of ["OPENAI_API_KEY", "OPENAI_BASE_URL", "prog --demo"]) expect(text).toContain(way);
});
