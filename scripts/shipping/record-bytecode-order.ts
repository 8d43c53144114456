/** Runs a program as its users first do, and reads which functions that took. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startFakeUpstream, text, upstreamKey } from "../../test/support/fake-upstream.ts";
import { postMessage } from "./post-message.ts";
import { readUrl } from "./read-url.ts";

/**
 * The version of the format, functions, and names (`N`, a line for each piece of code; without them, a start reads
 * 0.4 MB more). Bun also records strings and identifiers, which take nineteen of twenty bytes and gain nothing.
 */
const worthKeeping = /^(?:v\d|[FN] )/;

/**
 * @param program built with bytecode
 * @param directory for what Bun records
 * @returns the lines of an order file for `Bun.build`; the same sources give the same lines
 * @throws Error when the program does not answer
 */
export async function recordBytecodeOrder(program: string, directory: string): Promise<readonly string[]> {
  const record = join(directory, "recorded.txt");
  const backend = await startFakeUpstream(text("Hello."));
  const child = Bun.spawn([program, "--port", "0"], {
    cwd: directory,
    env: { OPENAI_BASE_URL: backend.url, OPENAI_API_KEY: upstreamKey, BUN_BYTECODE_ORDER_OUT: record },
    stdout: "pipe",
    stderr: "ignore",
  });
  try {
    const url = await readUrl(child.stdout);
    // The list of models, which every start reads. After it, the order is the same every time.
    await backend.received(1);
    for (const stream of [false, true]) await ask(url, stream);
    child.kill("SIGTERM");
    await child.exited;
  } finally {
    child.kill("SIGKILL");
    await backend.close();
  }
  return readFileSync(record, "utf8")
    .split("\n")
    .filter((line) => worthKeeping.test(line));
}

async function ask(url: string, stream: boolean): Promise<void> {
  const response = await postMessage(url, stream);
  const answer = await response.text();
  if (!response.ok) throw new Error(`Cannot record the program: it answered ${response.status}: ${answer}`);
}
