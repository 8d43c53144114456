import { expect, test } from "bun:test";
import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { openTerminal, readHidden } from "../../../src/commands/init/open-terminal.ts";

function type(...chunks: string[]): Promise<string> {
  const input = new EventEmitter();
  const read = readHidden(input);
  for (const chunk of chunks) input.emit("data", Buffer.from(chunk));
  return read;
}

test("what is typed or pasted up to the end of the line is read", async () => {
  expect(await type("sk", "-1\r")).toBe("sk-1");
  expect(await type("sx\u007fk\n")).toBe("sk");
  expect(await type("\u001b[200~sk-2\u001b[201~\r")).toBe("sk-2");
});

test("Ctrl-C ends a question, hidden or not, and the line it was asked on", async () => {
  expect(type("s\u0003")).rejects.toThrow("interrupted");
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode() {} });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  let shown = "";
  output.on("data", (text) => {
    shown += text;
  });
  const asked = openTerminal({ input, output }).ask("Address: ");
  input.write("\u0003");
  await expect(asked).rejects.toThrow("interrupted");
  expect(shown).toMatch(/Address: .*\n$/);
});
