import { expect, test } from "bun:test";
import { writeFish } from "../../../src/commands/complete/write-fish.ts";

const lines = writeFish("prog").split("\n");
const linesWith = (...words: string[]) => lines.filter((line) => words.every((word) => line.includes(word)));

test("commands come first, each with its description", () => {
  for (const command of ["serve", "run", "completions", "help", "version"])
    expect(linesWith("-n __fish_use_subcommand", `-a ${command} -d '`)).toHaveLength(1);
});

test("a flag belongs to its commands, and serve is the default", () => {
  expect(linesWith("-l port ")).toEqual([expect.stringContaining("'not __fish_seen_subcommand_from run ")]);
  expect(linesWith("-l demo ", "__fish_seen_subcommand_from run'")).toHaveLength(1);
  expect(linesWith("-l help ")[0]).toStartWith("complete -c prog -l help ");
});

test("flags offer values, files or nothing, as the table says", () => {
  expect(linesWith("-l log-format ")[0]).toEndWith("-x -a 'text json'");
  expect(linesWith("-l env-file ")[0]).toEndWith("-r -F");
  expect(linesWith("-l port ")[0]).toEndWith("-x");
});

test("apostrophes in descriptions do not end the quoted text", () => {
  expect(linesWith("-l api-key-stdin ")[0]).toContain("the backend\\'s key");
});

test("run completes another program's words, and completions its shells", () => {
  expect(linesWith("__fish_seen_subcommand_from run'", "__fish_complete_subcommand")).toHaveLength(1);
  expect(linesWith("-a 'bash zsh fish powershell'")).toHaveLength(1);
});
