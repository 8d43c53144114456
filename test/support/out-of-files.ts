/**
 * What happens in a process that may open no more files and connections. Run as a script, this file takes all that there
 * are, does one thing, and prints how it went.
 */
import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toProxyError } from "../../src/errors.ts";
import { readPdf } from "../../src/lib/read-pdf.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createUsageStore } from "../../src/telemetry/usage/store.ts";
import { replayExchanges } from "../../src/upstream/transport/cassette/replay.ts";
import { createSender } from "../../src/upstream/transport/send.ts";
import { entry } from "./entries.ts";

const directory = join(tmpdir(), `out-of-files-${crypto.randomUUID()}`);
const taken: number[] = [];

function takeAll(): void {
  try {
    for (;;) taken.push(openSync("/dev/null", "r"));
  } catch {
    // That was the last one.
  }
}

function giveBack(): void {
  for (const descriptor of taken.splice(0)) closeSync(descriptor);
}

function describe(thrown: unknown) {
  const { kind, message, retryAfter } = toProxyError(thrown);
  return { kind, message, retryAfter };
}

const request = {
  method: "GET",
  headers: {},
  silenceMs: 5000,
  signal: new AbortController().signal,
} as const;

const acts = {
  async send() {
    using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("yes") });
    const sender = createSender(8);
    const ask = (host: string, isolated = true) =>
      sender.send({ ...request, url: `http://${host}:${server.port}/`, isolated }).then(
        (answer) => answer.text(10),
        (thrown: unknown) => describe(thrown),
      );
    // This connection stays open, and so does the thread that Bun starts for it.
    await ask("127.0.0.1", false);
    takeAll();
    const without = [await ask("127.0.0.1"), await ask("localhost"), await ask("backend.example")];
    giveBack();
    return { without, after: await ask("127.0.0.1") };
  },
  async replay() {
    const sender = replayExchanges({ directory, timed: false });
    takeAll();
    return await sender.send({ ...request, url: "http://127.0.0.1/" }).then(() => "answered", describe);
  },
  async readPdf() {
    takeAll();
    const limits = { deadlineMs: 1000, maxPages: 1, maxCharacters: 1 };
    return await readPdf(new Uint8Array(1), limits).then(({ kind }) => kind, describe);
  },
  async keepUsage() {
    const lines: string[] = [];
    const path = join(directory, "usage.sqlite");
    const store = createUsageStore({
      path,
      days: 1,
      log: createLog("INFO", (line) => void lines.push(line)),
    });
    takeAll();
    store.keep(entry());
    const without = await store.sum({ by: "model", since: 0 });
    giveBack();
    const sums = await store.sum({ by: "model", since: 0 });
    await store.close();
    return { without: without ?? "nothing", messages: sums?.[0]?.messages, lines };
  },
};

/** Runs one of them in a process of its own. */
export async function runOutOfFiles(act: keyof typeof acts): Promise<unknown> {
  const limited = ["sh", "-c", 'ulimit -n 100 && exec "$@"', "sh"];
  const child = Bun.spawn([...limited, process.execPath, import.meta.path, act], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`${act} ended with ${code}: ${err}`);
  return JSON.parse(out);
}

if (import.meta.main) {
  mkdirSync(directory);
  const [, , name] = process.argv;
  const found = Object.entries(acts).find(([act]) => act === name);
  console.log(JSON.stringify(await found?.[1]()));
  giveBack();
  rmSync(directory, { recursive: true });
}
