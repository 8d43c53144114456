import { expect, test } from "bun:test";
import {
  commands,
  commonFlags,
  type FlagName,
  flags,
  namesOf,
  shells,
  takesPath,
} from "../../src/commands/command-table.ts";
import { findVariable } from "../../src/config/variables.ts";

test("every flag goes with some command", () => {
  const used = new Set<FlagName>([
    ...commonFlags,
    ...namesOf(commands).flatMap((name) => commands[name].flags),
  ]);
  expect(namesOf(flags).filter((flag) => !used.has(flag))).toEqual([]);
});

test("a flag that sets a variable has its description", () => {
  for (const name of namesOf(flags)) {
    const { variable, about, takes } = flags[name];
    expect(about).not.toBe("");
    if (variable === undefined) continue;
    expect(takes).toBeDefined();
    expect(findVariable(variable)?.about).toBe(about);
  }
});

test("files and directories are completed as paths, other values are not", () => {
  expect(namesOf(flags).filter((name) => takesPath(flags[name]))).toEqual([
    "--env-file",
    "--ready-file",
    "--record",
    "--replay",
  ]);
});

test("completions take the name of a shell", () => {
  expect(commands.completions.words).toEqual(shells);
});
