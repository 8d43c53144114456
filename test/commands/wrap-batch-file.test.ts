import { expect, test } from "bun:test";
import { wrapBatchFile } from "../../src/commands/wrap-batch-file.ts";

test("programs start directly, batch files need cmd.exe", () => {
  expect(wrapBatchFile("C:\\bin\\claude.exe", ["-p"])).toBeUndefined();
  expect(wrapBatchFile("C:\\npm\\claude.CMD", ["-p"])?.slice(0, 4)).toEqual(["cmd.exe", "/d", "/s", "/c"]);
});

/** How cmd.exe reads a line: a caret removes the meaning of the next character. */
const readOnce = (line: string): string => line.replace(/\^(.)/gs, "$1");

test("no character of an argument keeps a meaning when cmd.exe reads the line twice", () => {
  const words = ['say "hi"', "a & del b", "100%PATH%", "tail\\", 'q\\"q', "a|b>c<d^e!f", ""];
  const line = wrapBatchFile("C:\\npm\\claude.cmd", words)?.at(-1) ?? "";
  const body = line.slice('"C:\\npm\\claude.cmd '.length, -1);
  expect(line).toStartWith('"C:\\npm\\claude.cmd ');
  for (const text of [body, readOnce(body)])
    for (const [at, character] of [...text].entries())
      if (/[%!"&|<>]/.test(character)) expect(text[at - 1]).toBe("^");
  expect(readOnce(readOnce(body))).toBe(
    '"say \\"hi\\"" "a & del b" "100%PATH%" "tail\\\\" "q\\\\\\"q" "a|b>c<d^e!f" ""',
  );
});
