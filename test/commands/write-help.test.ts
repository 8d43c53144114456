import { expect, test } from "bun:test";
import { commands, flags, namesOf } from "../../src/commands/command-table.ts";
import { exitRows } from "../../src/commands/exit-codes.ts";
import { readArguments } from "../../src/commands/read-arguments.ts";
import { describeCommand, describeMissingKey, describeUsage } from "../../src/commands/write-help.ts";
import { variables } from "../../src/config/variables.ts";
import { dropMarks } from "../../src/lib/inline-code.ts";

const page = describeUsage("prog");

test("the page names every command, flag, variable and exit code, and starts with examples", () => {
  for (const name of namesOf(commands)) expect(page).toContain(dropMarks(commands[name].about));
  for (const name of namesOf(flags)) expect(page).toContain(`  ${name} `);
  for (const { name } of variables) expect(page).toContain(`  ${name} `);
  for (const [code] of exitRows) expect(page).toContain(`  ${code} `);
  expect(page.indexOf("Examples:")).toBeLessThan(page.indexOf("Flags:"));
  expect(page).toContain("prog --demo");
});

test("the page shows the usage of each command", () => {
  for (const usage of [
    "prog [serve] [flags]  ",
    "prog run [flags] -- COMMAND [ARGUMENT]...  ",
    "prog completions SHELL  ",
    "prog help [--man] [COMMAND]  ",
    "prog version [--json]  ",
  ])
    expect(page).toContain(usage);
});

test("a flag names its command, unless all proxies have it", () => {
  expect(page).toMatch(/--ready-file FILE .*\(serve\)$/m);
  expect(page).toMatch(/--env-file FILE .*other$/m);
  expect(page).toMatch(/--log-format FORMAT .* text, or json for one object per line$/m);
});

test("the ways to start are listed", () => {
  const text = describeMissingKey("prog", { searched: ["/home/me/.env"], passedOver: undefined });
  for (const way of ["OPENAI_API_KEY", "--env-file", "OPENAI_BASE_URL", "prog --demo"])
    expect(text).toContain(way);
});

test("someone who started a program is told how to start it", () => {
  const text = describeMissingKey("prog", { searched: [], passedOver: undefined }, "claude");
  expect(text).toContain("prog run --demo -- claude");
  expect(text).toContain("OPENAI_API_KEY=local prog run -- claude");
});

test("without a key, the files that were searched are named, and one that is not read", () => {
  const searched = ["/home/me/.config/claude-code-proxy/.env"];
  const text = describeMissingKey("prog", { searched, passedOver: "/w/.env" });
  expect(text).toContain("looked for /home/me/.config");
  expect(text).toContain("/w/.env is not read by run, as it may be a stranger's");
  expect(text).toContain("--env-file .env, or move it to /home/me/.config");
  expect(describeMissingKey("prog", { searched, passedOver: undefined })).not.toContain("stranger");
  expect(describeMissingKey("prog", { searched, passedOver: "/w\u001b[2J/.env" })).not.toContain("\u001b");
});

test("the help for each command is short: its usage, an example that is accepted, its flags, and where the rest is", () => {
  for (const name of namesOf(commands)) {
    const lines = describeCommand("prog", name).split("\n");
    const example = lines[lines.indexOf("Example:") + 1] ?? "";
    const [, words = ""] = /^ {2}(?:OPENAI_API_KEY=\S+ )?prog (.+)$/.exec(example) ?? [];
    expect(readArguments(words.split(" "))).toMatchObject({ command: name });
    expect(lines.at(-1)).toEndWith("prog --help");
    expect(lines.length).toBeLessThan(32);
  }
});

test("the help for one command has its flags only", () => {
  const help = describeCommand("prog", "doctor");
  expect(help).toContain("prog doctor [flags]");
  expect(help).toContain("--json");
  expect(help).not.toContain("--ready-file");
});
