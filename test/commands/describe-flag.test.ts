import { expect, test } from "bun:test";
import { flags, namesOf } from "../../src/commands/command-table.ts";
import { describeFlag } from "../../src/commands/describe-flag.ts";
import { findVariable } from "../../src/config/variables.ts";

test("every flag has a description; one that sets a variable has the variable's", () => {
  for (const name of namesOf(flags)) {
    const { variable, takes } = flags[name];
    expect(describeFlag(name)).not.toBe("");
    if (variable === undefined) continue;
    expect(takes).toBeDefined();
    expect(findVariable(variable)?.about).toBe(describeFlag(name));
  }
});
