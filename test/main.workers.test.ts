/** `WORKERS`: several processes on one port. Only Linux spreads connections over them. */
import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  chunks,
  contentChunk,
  createGate,
  finishChunk,
  startFakeUpstream,
  text,
  upstreamKey,
} from "./support/fake-upstream.ts";
import { checkStream } from "./support/grammar.ts";
import { startProgram } from "./support/program.ts";

const directory = mkdtempSync(join(tmpdir(), "workers-"));
const readyFile = join(directory, "ready.json");
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Two workers before a backend whose answers wait in the middle for the gate. */
async function start(env: Readonly<Record<string, string>> = {}, more: readonly string[] = []) {
  const gate = createGate();
  const upstream = await startFakeUpstream(
    chunks([contentChunk("Hel"), gate, contentChunk("lo"), finishChunk("stop")]),
  );
  const words = [
    "--port",
    "0",
    "--log-format",
    "json",
    "--ready-file",
    readyFile,
    "--api-key-stdin",
    ...more,
  ];
  const child = startProgram(words, {
    cwd: directory,
    env: { OPENAI_BASE_URL: upstream.url, WORKERS: "2", ...env },
    stdin: new Blob([`${upstreamKey}\n`]),
  });
  ends.push(
    () => upstream.close(),
    () => child.kill("SIGKILL"),
  );
  const log = readLog(child.stderr);
  for await (const bytes of child.stdout) {
    const line = new TextDecoder().decode(bytes);
    return { gate, upstream, child, line, url: String(JSON.parse(line).url), log };
  }
  throw new Error("Start the workers: the program ended early");
}

type Line = Readonly<Record<string, unknown>>;

function readLog(stderr: ReadableStream<Uint8Array>) {
  const lines: Line[] = [];
  let waiting: (() => void)[] = [];
  void (async () => {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const bytes of stderr) {
      const parts = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts.map((part): Line => JSON.parse(part)));
      for (const look of waiting.splice(0)) look();
    }
  })();
  return {
    lines,
    /** Waits for a line with this message. */
    async heard(message: string): Promise<void> {
      while (!lines.some((line) => String(line.message).includes(message)))
        await new Promise<void>((resolve) => {
          waiting = [...waiting, resolve];
        });
    },
  };
}

/** The whole stream on a connection of its own; undefined if it breaks. */
async function ask(url: string): Promise<string | undefined> {
  const body = { model: "m", max_tokens: 9, stream: true, messages: [{ role: "user", content: "Hello" }] };
  const headers = { "content-type": "application/json", connection: "close" };
  const request = { method: "POST", headers, body: JSON.stringify(body), keepalive: false };
  try {
    return await (await fetch(`${url}/v1/messages`, request)).text();
  } catch {
    return undefined;
  }
}

const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);

const count = 8;
/** Each worker asks for the models as well. */
const modelLists = 2;

describe.skipIf(process.platform !== "linux")("workers", () => {
  test("have one banner, one ready file and one process to send signals to", async () => {
    const { child, line, url, log, upstream } = await start();
    expect(JSON.parse(line).pid).toBe(child.pid);
    expect(readFileSync(readyFile, "utf8")).toBe(line);
    expect(childrenOf(child.pid)).toHaveLength(2);
    upstream.follow(text("Hello"));
    expect(await ask(url)).toContain("Hello");
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
    expect(existsSync(readyFile)).toBe(false);
    expect(log.lines.some(({ worker }) => worker === 1 || worker === 2)).toBe(true);
  });

  test("say once what is odd about the configuration, and again when it is read again", async () => {
    const path = join(directory, "odd.toml");
    writeFileSync(path, '[routes]\nopuss = "default@m"\n', { mode: 0o600 });
    const { child, log } = await start({}, ["--config", path]);
    const warnings = () => log.lines.filter(({ message }) => String(message).includes("did you mean opus?"));
    await log.heard("workers share the port");
    expect(warnings()).toHaveLength(1);
    child.kill("SIGHUP");
    await log.heard("All workers were replaced");
    expect(warnings()).toHaveLength(2);
  });

  test("count as one, whichever answers a scrape, and also when they have ended", async () => {
    const { gate, child, url, log } = await start();
    gate.open();
    const scrape = async () => {
      const response = await fetch(`${url}/metrics`, { headers: { connection: "close" } });
      const counts = (await response.text()).matchAll(/^claude_code_proxy_requests_total\{.*\} (\d+)$/gm);
      return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
    };
    await Promise.all(Array.from({ length: 12 }, () => ask(url)));
    // A request is counted after its last byte, and a worker may be too busy to say so: what is counted only rises.
    const rises = async (to: number) => {
      for (let [was, is] = [0, 0]; was < to; was = is) {
        is = await scrape();
        expect(is).toBeWithin(was, to + 1);
      }
    };
    await rises(12);
    for (let times = 0; times < 6; times += 1) expect(await scrape()).toBe(12);
    child.kill("SIGUSR2");
    await log.heard("All workers were replaced");
    await ask(url);
    await rises(13);
  });

  test("limit together what a day may cost, also those that begin later", async () => {
    const { upstream, child, url, log } = await start({ MAX_DAILY_COST: "1" });
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, cost: 0.125 };
    upstream.follow(chunks([contentChunk("Hello"), finishChunk("stop"), { choices: [], usage }]));
    for (let times = 0; times < 7; times += 1) expect(await ask(url)).toContain("message_stop");
    child.kill("SIGUSR2");
    await log.heard("All workers were replaced");
    expect(await ask(url)).toContain("message_stop");
    let answered = 8;
    while (!(await ask(url))?.includes("billing_error")) answered += 1;
    // A worker may be asked before it hears what another has just spent.
    expect(answered).toBeLessThanOrEqual(10);
  });

  test("are replaced by SIGUSR2 without the end of any stream", async () => {
    const { gate, upstream, child, url, log } = await start();
    const before = childrenOf(child.pid);
    const streams = Array.from({ length: count }, () => ask(url));
    await upstream.received(count + modelLists);
    child.kill("SIGUSR2");
    await log.heard("All workers were replaced");
    expect(childrenOf(child.pid).filter((pid) => !before.includes(pid))).toHaveLength(2);
    gate.open();
    for (const stream of await Promise.all(streams)) checkStream(stream ?? "");
    expect(await ask(url)).toContain("message_stop");
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  });

  test("lose only their own streams when they die, and are replaced", async () => {
    const { gate, upstream, child, url, log } = await start();
    const streams = Array.from({ length: count }, () => ask(url));
    await upstream.received(count + modelLists);
    process.kill(childrenOf(child.pid)[0] ?? 0, "SIGKILL");
    await log.heard("takes its place");
    gate.open();
    const whole = (await Promise.all(streams)).filter((stream) => stream?.includes("message_stop"));
    for (const stream of whole) checkStream(stream ?? "");
    const asked = upstream.requests.filter(({ path }) => path.endsWith("/chat/completions"));
    const broken = (await Promise.all(asked.map(({ ended }) => ended))).filter(
      ({ kind }) => kind === "aborted",
    );
    expect(whole.length + broken.length).toBe(count);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  });

  test("are replaced while the configuration has mistakes, with the one before them", async () => {
    const path = join(directory, "config.toml");
    writeFileSync(path, '[aliases]\nfast = "default@m"\n', { mode: 0o600 });
    const { gate, child, url, log } = await start({}, ["--config", path]);
    gate.open();
    writeFileSync(path, "nonsense");
    await log.heard("Cannot use the changed configuration");
    for (const victim of childrenOf(child.pid)) process.kill(victim, "SIGKILL");
    await log.heard("the one before them stays in force: ");
    while ((await ask(url)) === undefined) await Bun.sleep(5);
    expect(await ask(url)).toContain("message_stop");
    child.kill("SIGUSR2");
    await log.heard("Cannot replace worker 1");
    writeFileSync(path, "");
    await log.heard("All workers were replaced");
    expect(await ask(url)).toContain("message_stop");
  });
});
