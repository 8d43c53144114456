/** Exchanges recorded by one server answer the client of another one, which has no backend at all. */
import { afterEach, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Cassette } from "../../src/upstream/transport/cassette/tape.ts";
import {
  contentChunk,
  cut,
  encodeChunk,
  inOrder,
  json,
  raw,
  respond,
  type Script,
  text,
  toolCalls,
  upstreamKey,
} from "../support/fake-upstream.ts";
import { checkStream, foldContent } from "../support/grammar.ts";
import { ask, readError, startProxy, type TestProxy } from "../support/proxy.ts";
import { callItem, messageItem, reasoningItem } from "../support/responses-replies.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "cassette-"));
  opened.push({ close: () => rm(directory, { recursive: true, force: true }) });
  return directory;
}

async function start(cassette: Cassette, script: Script = cut()): Promise<TestProxy> {
  const proxy = await startProxy(script, { cassette });
  opened.push(proxy);
  return proxy;
}

const record = (directory: string): Cassette => ({ mode: "record", directory });
const replay = (directory: string): Cassette => ({ mode: "replay", directory, timed: false });

async function say(
  proxy: TestProxy,
  content: string,
  changes: Record<string, unknown> = {},
): Promise<object> {
  const response = await proxy.post(ask({ messages: [{ role: "user", content }], ...changes }));
  if (changes.stream === true) return foldContent(checkStream(await response.text()));
  const message: unknown = await response.json();
  return z.object({ content: z.array(z.looseObject({})) }).parse(message).content;
}

async function readTapes(directory: string): Promise<string[]> {
  const files = await readdir(directory);
  const tapes = await Promise.all(files.map((file) => readFile(join(directory, file), "utf8")));
  return tapes.filter((tape) => tape.includes('"endpoint": "completions"'));
}

test("a recorded answer is replayed without a backend, as a stream and as one message", async () => {
  const directory = await newDirectory();
  const answer = inOrder(
    text("Grüße ✓ "),
    toolCalls([{ id: "call_1", name: "Read", arguments: { path: "a" } }]),
  );
  const recorder = await start(record(directory), answer);
  const tools = [{ name: "Read", input_schema: { type: "object" } }];
  await say(recorder, "Hello", { tools, stream: true });
  const expected = [
    { type: "text", text: "Grüße ✓ " },
    { type: "tool_use", name: "Read", input: { path: "a" } },
  ];

  for (const timed of [false, true]) {
    const player = await start({ mode: "replay", directory, timed });
    expect(await say(player, "Hello", { tools, stream: true })).toMatchObject(expected);
    expect(await say(player, "Hello", { tools })).toMatchObject(expected);
    expect(player.upstream.requests).toEqual([]);
  }
});

test("a question without a recording fails at once and says how to record it", async () => {
  const directory = await newDirectory();
  await say(await start(record(directory), text("Hi")), "Hello");
  const player = await start(replay(directory));
  const response = await player.post(ask({ messages: [{ role: "user", content: "Who  are\nyou?" }] }));
  expect(response.status).toBe(400);
  const { error } = await readError(response);
  expect(error.message).toContain('big-model after "user: Who are you?"');
  expect(error.message).toContain("--record");
});

test("keys are not recorded, not even when split between two pieces of an answer", async () => {
  const directory = await newDirectory();
  const leak = `data: {"choices":[{"index":0,"delta":{"content":"${upstreamKey}"},"finish_reason":"stop"}]}\n\n`;
  const at = leak.indexOf(upstreamKey) + 6;
  const recorder = await start(
    record(directory),
    raw([leak.slice(0, at), leak.slice(at), "data: [DONE]\n\n"], { delayMs: 5 }),
  );
  await say(recorder, `My key is ${upstreamKey}`);
  const tapes = await readTapes(directory);
  expect(tapes.length).toBe(1);
  for (const tape of tapes) expect(tape).not.toContain(upstreamKey);
});

test("a replay does not repeat refusals that were corrected, whatever the order of questions", async () => {
  const directory = await newDirectory();
  const both = Promise.withResolvers<void>();
  let waiting = 0;
  const recorder = await start(record(directory), async ({ body }) => {
    waiting += 1;
    if (waiting === 2) both.resolve();
    await both.promise;
    return z.looseObject({ temperature: z.number() }).safeParse(body).success
      ? json(
          { error: { message: "Unsupported parameter: 'temperature' is not supported with this model" } },
          400,
        )
      : text("fine");
  });
  const hot = { temperature: 0.5 };
  await Promise.all([say(recorder, "One", hot), say(recorder, "Two", hot)]);

  const player = await start(replay(directory));
  for (const question of ["Two", "One"])
    expect(await say(player, question, hot)).toMatchObject([{ text: "fine" }]);
});

test("a key that an answer spells piece by piece is redacted, and the rest stays whole", async () => {
  const directory = await newDirectory();
  const command = `curl -H "x-api-key: abcdefgh12345678" -H 'x: ${upstreamKey}' "https://host/?key=abc" > 'ß'`;
  const call = toolCalls([{ id: "call_1", name: "Bash", arguments: { command } }]);
  await say(await start(record(directory), call), "Call it");
  const [tape = ""] = await readTapes(directory);
  for (const piece of ["upstr", "12345"]) expect(tape).not.toContain(piece);
  const clean = `curl -H "x-api-key: ***" -H 'x: ***' "https://host/?key=***" > 'ß'`;
  const player = await start(replay(directory));
  for (const stream of [true, false])
    expect(await say(player, "Call it", { stream })).toMatchObject([
      { type: "tool_use", input: { command: clean } },
    ]);
});

test("an answer that the client did not wait for is not recorded", async () => {
  const directory = await newDirectory();
  const recorder = await start(
    record(directory),
    raw([encodeChunk(contentChunk("Half")), encodeChunk(contentChunk(" an answer"))], { delayMs: 60_000 }),
  );
  const leaving = new AbortController();
  const question = ask({ messages: [{ role: "user", content: "Never mind" }], stream: true });
  const response = await recorder.post(question, {}, leaving.signal);
  await response.body?.getReader().read();
  leaving.abort();
  await recorder.upstream.lastChat().ended;
  await recorder.close();
  expect(await readTapes(directory)).toEqual([]);
});

test("a session at /responses is replayed, although its reasoning is sealed anew each time", async () => {
  const directory = await newDirectory();
  const config = { backend: { name: "openai" }, models: { big: "gpt-5.4" } } as const;
  const turn = { items: [reasoningItem("rs_1"), callItem("call_first", "Read", {})] };
  const answers = [respond(turn), respond([messageItem("Done")])];
  const begin = async (cassette: Cassette, script: Script) => {
    const proxy = await startProxy(script, { cassette, config, upstream: { speaks: ["responses"] } });
    opened.push(proxy);
    return proxy;
  };
  const converse = async (proxy: TestProxy) => {
    const wish = { max_tokens: 2000, stream: true, thinking: { type: "adaptive" } };
    const first = z.array(z.unknown()).parse(await say(proxy, "Look", wish));
    const result = { type: "tool_result", tool_use_id: "call_first", content: "ok" };
    const messages = [
      { role: "user", content: "Look" },
      { role: "assistant", content: first },
      { role: "user", content: [result] },
    ];
    return [first, await say(proxy, "", { ...wish, messages })];
  };
  const recorded = await converse(await begin(record(directory), answers));
  expect(recorded[1]).toMatchObject([{ type: "text", text: "Done" }]);
  const player = await begin(replay(directory), cut());
  // Carriers are for the host that sealed them.
  const withoutCarriers = (answers: unknown) =>
    JSON.parse(JSON.stringify(answers).replace(/"ccp1[^"]*"/g, "0"));
  expect(withoutCarriers(await converse(player))).toEqual(withoutCarriers(recorded));
  expect(player.upstream.requests.filter(({ method }) => method === "POST")).toEqual([]);
});
