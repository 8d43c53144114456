import { afterAll, afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FakeUpstream, hang, startFakeUpstream, upstreamKey } from "./support/fake-upstream.ts";
import { startProgram } from "./support/program.ts";

const directory = mkdtempSync(join(tmpdir(), "capacity-"));
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A proxy in a process of its own, before a backend that never finishes an answer. */
async function start(env: Readonly<Record<string, string>>) {
  const upstream = await startFakeUpstream(hang("after-first-chunk"));
  const child = startProgram(["--port", "0", "--log-format", "json"], {
    cwd: directory,
    env: { OPENAI_API_KEY: upstreamKey, OPENAI_BASE_URL: upstream.url, ...env },
  });
  ends.push(
    () => upstream.close(),
    () => child.kill("SIGKILL"),
  );
  for await (const bytes of child.stdout) {
    const { port, pid } = JSON.parse(new TextDecoder().decode(bytes));
    return { upstream, child, pid: Number(pid), port: Number(port) };
  }
  throw new Error(`Start the proxy: it ended early\n${await child.stderr.text()}`);
}

/** Asks for a stream on a connection of its own: this process, too, is limited in its fetches. */
function ask(port: number): Promise<string> {
  const body = JSON.stringify({
    model: "m",
    max_tokens: 9,
    stream: true,
    messages: [{ role: "user", content: "Hello" }],
  });
  const socket = connect(port, "127.0.0.1");
  ends.push(() => socket.destroy());
  socket.write(
    `POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  return new Promise((resolve, reject) => {
    socket.once("data", (bytes) => resolve(String(bytes)));
    socket.once("error", reject);
  });
}

/** Besides them, the backend is asked for its models. */
const receivedAll = (upstream: FakeUpstream, count: number) => upstream.received(count + 1);

// Windows cannot start a process again as itself.
test.skipIf(process.platform === "win32")(
  "more requests than Bun's 256 are in progress at once",
  async () => {
    const { upstream, child, pid, port } = await start({ LOG_LEVEL: "WARNING" });
    expect(pid).toBe(child.pid);
    for (let i = 0; i < 300; i++) void ask(port);
    await receivedAll(upstream, 300);
  },
);

test("a request beyond MAX_CONCURRENT_REQUESTS gets a 529 at once", async () => {
  const { upstream, port } = await start({ MAX_CONCURRENT_REQUESTS: "2" });
  void ask(port);
  void ask(port);
  await receivedAll(upstream, 2);
  const answer = await ask(port);
  expect(answer).toStartWith("HTTP/1.1 529 ");
  expect(answer.toLowerCase()).toContain("\r\nretry-after: 1\r\n");
  expect(answer).toContain("2 are in progress");
  expect(upstream.requests).toHaveLength(3);
});
