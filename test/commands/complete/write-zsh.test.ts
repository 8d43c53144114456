import { expect, test } from "bun:test";
import { writeZsh } from "../../../src/commands/complete/write-zsh.ts";

const script = writeZsh("my-proxy");

test("the script defines and registers one function for the program", () => {
  expect(script).toStartWith("#compdef my-proxy\n");
  expect(script).toContain("_my_proxy() {");
  expect(script).toEndWith(
    'if [[ $funcstack[1] == _my_proxy ]]; then _my_proxy "$@"; else compdef _my_proxy my-proxy; fi',
  );
});

test("flags offer values, files or nothing, as the table says", () => {
  expect(script).toMatch(/'--log-level=\[[^']*\]:LEVEL:\(DEBUG INFO WARNING ERROR\)'/);
  expect(script).toMatch(/'--env-file=\[[^']*\]:FILE:_files'/);
  expect(script).toMatch(/'--port=\[[^']*\]:PORT: '/);
  expect(script).toMatch(/'--demo\[[^']*\]'/);
});

test("apostrophes in descriptions do not end the quoted text", () => {
  expect(script).toContain("the backend'\\''s key");
});

test("commands have their own flags, and completions its shells", () => {
  const [, run = ""] = /\(run\) _arguments ([\s\S]*?);;/.exec(script) ?? [];
  expect(run).toContain("--demo");
  expect(run).not.toContain("--port");
  expect(script).toContain("'1:SHELL:(bash zsh fish powershell)'");
});
