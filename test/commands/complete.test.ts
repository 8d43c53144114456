import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commands, flags, namesOf, type Shell, shells } from "../../src/commands/command-table.ts";
import { writeCompletions } from "../../src/commands/complete/write-completions.ts";

const directory = mkdtempSync(join(tmpdir(), "complete-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const name = "claude-code-proxy";

test.each([...shells])("%s: every command, and every flag with its values", (shell) => {
  const script = writeCompletions(shell, name);
  for (const command of namesOf(commands)) expect(script).toContain(command);
  for (const flag of namesOf(flags)) {
    expect(script).toContain(shell === "fish" ? `-l ${flag.slice(2)} ` : flag);
    for (const value of flags[flag].values ?? []) expect(script).toContain(value);
  }
});

const checkers: Readonly<Record<Shell, readonly string[]>> = {
  bash: ["bash", "-n"],
  zsh: ["zsh", "-n"],
  fish: ["fish", "--no-execute"],
  powershell: ["pwsh", "-NoProfile", "-NonInteractive", "-File"],
};

for (const shell of shells) {
  const [program = "", ...words] = checkers[shell];
  test.skipIf(Bun.which(program) === null)(`${shell} accepts the script`, () => {
    const file = join(directory, `complete.${shell === "powershell" ? "ps1" : shell}`);
    writeFileSync(file, writeCompletions(shell, name));
    const { exitCode, stderr } = Bun.spawnSync([program, ...words, file], { env: { HOME: directory } });
    expect({ exitCode, complaints: stderr.toString() }).toEqual({ exitCode: 0, complaints: "" });
  });
}

/** What bash offers after these words, the last of which is unfinished. */
function offer(...words: string[]): string[] {
  const script = `${writeCompletions("bash", name)}
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_claude_code_proxy
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = Bun.spawnSync(["bash", "-c", script, "bash", name, ...words]);
  return stdout.toString().split("\n").filter(Boolean);
}

describe.skipIf(Bun.which("bash") === null)("in bash", () => {
  test("commands and the flags of serve come first", () => {
    expect(offer("")).toEqual(expect.arrayContaining([...namesOf(commands), "--port", "--help"]));
    expect(offer("ru")).toEqual(["run"]);
    expect(offer("--rea")).toEqual(["--ready-file"]);
  });

  test("a command has its own flags", () => {
    expect(offer("run", "--p")).toEqual([]);
    expect(offer("serve", "--p")).toEqual(["--port"]);
    expect(offer("version", "--j")).toEqual(["--json"]);
    expect(offer("completions", "")).toEqual(expect.arrayContaining([...shells]));
  });

  test("a flag offers its values, split at the equals sign or not", () => {
    expect(offer("serve", "--log-level", "W")).toEqual(["WARNING"]);
    expect(offer("--log-format", "=", "j")).toEqual(["json"]);
    expect(offer("--log-format", "=")).toEqual(["text", "json"]);
    expect(offer("--env-file", "--")).toEqual([]);
  });

  test("after two dashes come programs, then anything", () => {
    expect(offer("run", "--", "bas")).toContain("bash");
    expect(offer("run", "--", "bash", "--h")).toEqual([]);
  });
});
