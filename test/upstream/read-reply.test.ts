import { expect, test } from "bun:test";
import { ProxyError } from "../../src/errors.ts";
import { type BegunReply, type ReplyEvent, readAll } from "../../src/reply.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createHealing } from "../../src/upstream/attempt/remember-corrections.ts";
import { readReply } from "../../src/upstream/read-reply.ts";
import { contentChunk, encodeChunk } from "../support/fake-replies.ts";
import { createFakeSender, type FakeAnswer } from "../support/fake-sender.ts";
import { planFor } from "../support/plans.ts";
import { ask } from "../support/proxy.ts";

const finish = { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
const hello: FakeAnswer = {
  pieces: [
    encodeChunk({ choices: [{ index: 0, delta: { role: "assistant" } }] }),
    encodeChunk(contentChunk("Hel")),
    encodeChunk(contentChunk("lo")),
    encodeChunk(finish),
  ],
};
const refusal = (parameter: string): FakeAnswer => ({
  status: 400,
  headers: { "content-type": "application/json" },
  pieces: [JSON.stringify({ error: { message: `Unsupported parameter: '${parameter}'`, param: parameter } })],
});
const failed: FakeAnswer = { status: 503, pieces: ["Overloaded"] };

function open(answers: readonly (FakeAnswer | Error)[], signal = new AbortController().signal) {
  const lines: string[] = [];
  const notes: string[] = [];
  const sender = createFakeSender(...answers);
  const healing = createHealing(createLog("DEBUG", (line) => void lines.push(line)));
  const plan = planFor(ask({ temperature: 0.5, top_k: 3, stop_sequences: ["END"] }));
  const pace = { firstRetryDelay: 0, maxRetryDelay: 0 };
  const retries: string[] = [];
  const metrics = { retry: (reason: string) => void retries.push(reason) };
  const upstream = { sender, healing, pace, metrics };
  const start = () => readReply(plan, upstream, signal, (words) => void notes.push(words));
  return { start, sender, healing, plan, lines, notes, retries };
}

const collect = (reply: Promise<BegunReply>): Promise<ReplyEvent[][]> => Array.fromAsync(readAll(reply));
const textOf = (reads: ReplyEvent[][]) =>
  reads
    .flat()
    .map((fact) => (fact.type === "text-delta" ? fact.text : ""))
    .join("");

test("a reply begins with the first visible fact", async () => {
  const { start } = open([hello]);
  const { first, rest } = await start();
  expect(first.at(-1)).toEqual({ type: "text-delta", text: "Hel" });
  expect(textOf(await Array.fromAsync(rest ?? []))).toBe("lo");
});

test("a refused field is removed, and the lesson is kept once it has helped", async () => {
  const { start, sender, healing, plan, lines } = open([refusal("temperature"), refusal("stop"), hello]);
  expect(textOf(await collect(start()))).toBe("Hello");
  expect(sender.requests).toHaveLength(3);
  expect(sender.requests.at(-1)?.body).not.toMatch(/"temperature"|"stop"/);
  expect(healing.learned(plan)).toHaveLength(2);
  expect(lines).toHaveLength(2);
  expect(textOf(await collect(start()))).toBe("Hello");
  expect(sender.requests).toHaveLength(4);
});

test("what the request lost is noted once, however many attempts it takes", async () => {
  const { start, notes } = open([refusal("temperature"), hello]);
  await collect(start());
  expect(notes).toEqual(["left out top_k"]);
});

test("a temporary failure is tried again, and leaves no trace", async () => {
  const { retries, start, healing, plan } = open([failed, hello]);
  const reads = await collect(start());
  expect(textOf(reads)).toBe("Hello");
  expect(reads.flat().some(({ type }) => type === "failure")).toBe(false);
  expect(healing.learned(plan)).toEqual([]);
  expect(retries).toEqual(["overloaded"]);
});

test("nothing is tried again after a visible fact", async () => {
  const broken = new ProxyError("unreachable", "The connection was reset");
  const { start, sender } = open([{ pieces: [encodeChunk(contentChunk("Hel")), broken] }, hello]);
  const reads = await collect(start());
  expect(reads.at(-1)?.at(-1)).toMatchObject({ type: "failure", error: { kind: "unreachable" } });
  expect(sender.requests).toHaveLength(1);
});

test("the last failure is the last fact", async () => {
  const { start, sender } = open([failed]);
  expect((await collect(start())).flat()).toMatchObject([{ type: "failure", error: { kind: "overloaded" } }]);
  expect(sender.requests).toHaveLength(3);
});

test("a connection that was lost is replaced by a new one", async () => {
  const lost = Object.assign(new Error("reset"), { code: "ECONNRESET" });
  const { start, sender } = open([
    new ProxyError("unreachable", "The connection was reset", { cause: lost }),
    hello,
  ]);
  expect(textOf(await collect(start()))).toBe("Hello");
  expect(sender.requests.map(({ isolated }) => isolated)).toEqual([false, true]);
});

test("nothing is tried again when the client has left", async () => {
  const leave = new AbortController();
  leave.abort();
  const { start, sender } = open([failed, hello], leave.signal);
  await collect(start());
  expect(sender.requests).toHaveLength(1);
});
