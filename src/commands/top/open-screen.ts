/** A terminal that `top` fills, with the keys that are pressed in it. */
import type { ReadStream, WriteStream } from "node:tty";
import type { TopTerminal } from "./show-top.ts";

type Streams = { readonly input: ReadStream; readonly output: WriteStream };

/** @returns undefined if the output is not a terminal */
export function openScreen({ input, output }: Streams): (TopTerminal & { close(): void }) | undefined {
  if (!output.isTTY) return undefined;
  return {
    // A terminal without a known size, as in some containers, reports 0.
    size: () => ({ columns: output.columns || 80, rows: output.rows || 24 }),
    write: (text) => void output.write(text),
    onResize: (redraw) => void output.on("resize", redraw),
    onKey(press) {
      // Without a keyboard, a signal ends it.
      if (!input.isTTY) return;
      input.setRawMode(true);
      input.setEncoding("utf8").on("data", (keys) => {
        for (const key of String(keys)) press(key);
      });
    },
    close() {
      if (!input.isTTY) return;
      input.setRawMode(false);
      input.pause();
    },
  };
}
