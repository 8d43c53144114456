import { expect, test } from "bun:test";
import { ProxyError } from "../../../src/errors.ts";
import { EventReader, StreamedReply } from "../../../src/upstream/attempt/read-stream.ts";
import { openaiChat } from "../../../src/upstream/openai-chat/protocol.ts";
import type { Answer } from "../../../src/upstream/transport/read-answer.ts";
import { contentChunk, encodeChunk } from "../../support/fake-replies.ts";
import { planFor } from "../../support/plans.ts";
import { ask } from "../../support/proxy.ts";

const plan = planFor(ask());
const finish = { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };

function open(pieces: readonly (string | Error)[]) {
  const reads = [...pieces];
  const seen = { released: 0 };
  const answer: Answer = {
    status: 200,
    headers: new Headers(),
    async read() {
      const next = reads.shift();
      if (next instanceof Error) throw next;
      return next === undefined ? undefined : new TextEncoder().encode(next);
    },
    text: async () => "",
    begin: () => {},
    endAfterSilence: () => {},
    release: () => {
      seen.released += 1;
    },
  };
  const reader = openaiChat.createReader(plan, openaiChat.writeRequest(plan, []));
  const reply = new StreamedReply(answer, new EventReader(reader));
  return { reply, seen };
}

test("each read gives its facts, and the answer is released once at the end", async () => {
  const { reply, seen } = open([encodeChunk(contentChunk("a")), ": comment\n", encodeChunk(finish)]);
  const kinds: string[][] = [];
  for await (const facts of reply) kinds.push(facts.map(({ type }) => type));
  expect(kinds).toEqual([["text-delta"], ["finish"]]);
  expect(await reply.next()).toMatchObject({ done: true });
  expect(seen.released).toBe(1);
});

test("a long read is decoded in pieces", async () => {
  const { reply } = open([encodeChunk(contentChunk("a".repeat(1000))).repeat(1000) + encodeChunk(finish)]);
  let reads = 0;
  let length = 0;
  for await (const facts of reply) {
    reads += 1;
    for (const fact of facts) if (fact.type === "text-delta") length += fact.text.length;
  }
  expect(length).toBe(1_000_000);
  expect(reads).toBeGreaterThan(5);
});

test("the memory of a long read is given back", () => {
  const reader = new EventReader(openaiChat.createReader(plan, openaiChat.writeRequest(plan, [])));
  const bytes = new TextEncoder().encode(encodeChunk(contentChunk("a")).repeat(1000));
  expect(reader.read(bytes).length).toBeGreaterThan(0);
  expect(bytes.length).toBe(0);
});

test("a broken connection is the last fact", async () => {
  const { reply, seen } = open([encodeChunk(contentChunk("a")), new ProxyError("unreachable", "Reset")]);
  expect((await reply.next()).value).toMatchObject([{ type: "text-delta" }]);
  expect((await reply.next()).value).toMatchObject([{ type: "failure", error: { kind: "unreachable" } }]);
  expect((await reply.next()).done).toBe(true);
  expect(seen.released).toBe(1);
});

test("an event that turns out too large at the end of the stream is the last fact", async () => {
  const line = `data: ${"x".repeat(9_000_000)}`;
  const { reply, seen } = open([encodeChunk(contentChunk("a")), `${line}\n`, line]);
  expect((await reply.next()).value).toMatchObject([{ type: "text-delta" }]);
  const message = expect.stringContaining("The limit is");
  expect((await reply.next()).value).toMatchObject([
    { type: "failure", error: { kind: "upstream", message } },
  ]);
  expect((await reply.next()).done).toBe(true);
  expect(seen.released).toBe(1);
});

test("a reader that leaves releases the answer", async () => {
  const { reply, seen } = open([encodeChunk(contentChunk("a"))]);
  await reply.next();
  await reply.return?.();
  expect(seen.released).toBe(1);
  expect((await reply.next()).done).toBe(true);
});
