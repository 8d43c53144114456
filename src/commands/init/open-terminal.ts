/** Asks questions on a terminal. Questions go to stderr, so that stdout can be redirected. */
import type { EventEmitter } from "node:events";
import { createInterface } from "node:readline/promises";

export type Terminal = {
  ask(question: string): Promise<string>;
  /** Nothing that is typed is shown. */
  askHidden(question: string): Promise<string>;
};

type Streams = {
  readonly input: NodeJS.ReadableStream & { setRawMode(on: boolean): unknown };
  readonly output: NodeJS.WritableStream;
};

export function openTerminal({ input, output }: Streams): Terminal {
  return {
    async ask(question) {
      const lines = createInterface({ input, output });
      const closed = Promise.withResolvers<never>();
      lines.once("close", () => closed.reject(new Error("Cannot go on: the input has ended")));
      lines.once("SIGINT", () => {
        output.write("\n");
        closed.reject(interrupted());
      });
      try {
        return await Promise.race([lines.question(question), closed.promise]);
      } finally {
        closed.promise.catch(() => {});
        lines.close();
      }
    },
    async askHidden(question) {
      output.write(question);
      input.setRawMode(true);
      input.resume();
      try {
        return await readHidden(input);
      } finally {
        input.setRawMode(false);
        input.pause();
        output.write("\n");
      }
    },
  };
}

function interrupted(): Error {
  return new Error("Cannot go on: it was interrupted, and nothing was changed");
}

/** What is typed or pasted up to the end of the line. */
export function readHidden(input: EventEmitter): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let typed = "";
  const onData = (bytes: Buffer | string): void => {
    // A paste may be wrapped in marks of its own.
    for (const letter of String(bytes).replaceAll("\u001b[200~", "").replaceAll("\u001b[201~", "")) {
      if (letter === "\r" || letter === "\n" || letter === "\u0004") return resolve(typed);
      if (letter === "\u0003") return reject(interrupted());
      typed = letter === "\u007f" || letter === "\b" ? typed.slice(0, -1) : typed + letter;
    }
  };
  input.on("data", onData);
  return promise.finally(() => input.off("data", onData));
}
