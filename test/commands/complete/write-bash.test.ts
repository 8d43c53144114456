import { describe, expect, test } from "bun:test";
import { commands, namesOf, shells } from "../../../src/commands/command-table.ts";
import { writeBash } from "../../../src/commands/complete/write-bash.ts";

const name = "claude-code-proxy";

/** What bash offers after these words, the last of which is unfinished. */
function offer(...words: string[]): string[] {
  const script = `${writeBash(name)}
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
