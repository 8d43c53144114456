import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commands, flags, namesOf, type Shell, shells } from "../../../src/commands/command-table.ts";
import { writeCompletions } from "../../../src/commands/complete/write-completions.ts";

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
