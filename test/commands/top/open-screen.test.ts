import { expect, test } from "bun:test";
import { PassThrough } from "node:stream";
import { openScreen } from "../../../src/commands/top/open-screen.ts";

function streams(isTTY: boolean) {
  const modes: boolean[] = [];
  const setRawMode = (isRaw: boolean) => void modes.push(isRaw);
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode });
  const output = Object.assign(new PassThrough(), { isTTY, columns: 80, rows: 24 });
  // What a terminal has beyond that is not used.
  return { input: input as never, output: output as never, keys: input, screen: output, modes };
}

test("keys, size and lines go through, and the terminal is left as it was", async () => {
  const { input, output, keys, screen, modes } = streams(true);
  const opened = openScreen({ input, output });
  const pressed: string[] = [];
  let resized = 0;
  opened?.onKey((key) => void pressed.push(key));
  opened?.onResize(() => {
    resized += 1;
  });
  keys.write("xq");
  screen.emit("resize");
  opened?.write("line");
  while (pressed.length < 2) await Bun.sleep(1);
  opened?.close();
  expect([pressed, resized, String(screen.read()), opened?.size(), modes]).toEqual([
    ["x", "q"],
    1,
    "line",
    { columns: 80, rows: 24 },
    [true, false],
  ]);
});

test("a terminal that does not know its size gets the usual one", () => {
  const { input, output, screen } = streams(true);
  Object.assign(screen, { columns: 0, rows: 0 });
  expect(openScreen({ input, output })?.size()).toEqual({ columns: 80, rows: 24 });
});

test("what is no terminal is no screen", () => {
  expect(openScreen(streams(false))).toBeUndefined();
});
