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

test("every flag goes with some command", () => {
  const used = new Set<FlagName>([
    ...commonFlags,
    ...namesOf(commands).flatMap((name) => commands[name].flags),
  ]);
  expect(namesOf(flags).filter((flag) => !used.has(flag))).toEqual([]);
});

test("files and directories are completed as paths, other values are not", () => {
  expect(namesOf(flags).filter((name) => takesPath(flags[name]))).toEqual([
    "--env-file",
    "--config",
    "--ready-file",
    "--record",
    "--trace",
    "--replay",
    "--usage-db",
  ]);
});

test("completions take the name of a shell", () => {
  expect(commands.completions.words).toEqual(shells);
});
