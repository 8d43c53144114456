import { expect, test } from "bun:test";
import { writePowershell } from "../../../src/commands/complete/write-powershell.ts";

const script = writePowershell("prog");

test("the script registers a completer for the program", () => {
  expect(script).toContain("Register-ArgumentCompleter -Native -CommandName 'prog' -ScriptBlock {");
  expect(script).toEndWith("}");
});

test("commands have their own flags, and completions its shells", () => {
  const wordsOf = (command: string) => new RegExp(`'${command}' = \\[ordered\\]@{ (.*) }`).exec(script)?.[1];
  expect(wordsOf("run")).toContain("'--demo' = '");
  expect(wordsOf("run")).not.toContain("'--port'");
  expect(wordsOf("completions")).toContain("'fish' = 'fish'; 'powershell' = 'powershell'");
});

test("a flag offers its values", () => {
  expect(script).toContain("'--log-format' = @('text', 'json')");
});

test("apostrophes in descriptions do not end the quoted text", () => {
  expect(script).toContain("the backend''s key");
});
