import { describe, expect, test } from "bun:test";
import { createBlockQueue, queueFact } from "../../src/anthropic/queue-blocks.ts";
import { decodeId } from "../../src/lib/encode-id.ts";
import type { ReplyEvent } from "../../src/reply.ts";
import { foundPage, said } from "../support/reply-events.ts";

type BlockFact = Parameters<typeof queueFact>[1];
const thought = (text: string): BlockFact => ({ type: "thinking-delta", text });
const carried = (carrier: string): BlockFact => ({ type: "thinking-carrier", carrier });
const start = (lane: number, id: string): BlockFact => ({ type: "tool-start", lane, id, name: "f" });
const piece = (lane: number, json: string): BlockFact => ({ type: "tool-delta", lane, json });
const text = (text: string) => said(text) as BlockFact & ReplyEvent;
const page = foundPage("https://a.example/", "A");

function queue(facts: readonly BlockFact[], taken: readonly string[] = []) {
  const queue = createBlockQueue({ isTaken: (id) => taken.includes(id), toolSchema: () => undefined });
  for (const fact of facts) queueFact(queue, fact);
  return queue.blocks;
}

test("pieces of text or reasoning join the block before them, if that is of their kind", () => {
  expect(queue([thought("a"), thought("b"), text("c"), text("d"), thought("e")])).toMatchObject([
    { kind: "thinking", waiting: "ab" },
    { kind: "text", waiting: "cd" },
    { kind: "thinking", waiting: "e" },
  ]);
});

test("a block is blank until something but white space comes", () => {
  expect(queue([text(" "), text("\n")])).toMatchObject([{ waiting: " \n", isBlank: true }]);
  expect(queue([text(" "), text("a")])).toMatchObject([{ waiting: " a", isBlank: false }]);
});

test("a carrier belongs to the reasoning before it, or makes a block of its own", () => {
  expect(queue([thought("a"), carried("c")])).toMatchObject([
    { kind: "thinking", waiting: "a", carrier: "c" },
  ]);
  expect(queue([text("a"), carried("c")])).toMatchObject([
    { kind: "text" },
    { kind: "thinking", waiting: "", carrier: "c" },
  ]);
});

test("interleaved calls collect their arguments apart, and an ended call takes no more", () => {
  const blocks = queue([
    start(0, "call_number_0"),
    start(1, "call_number_1"),
    piece(1, '{"b":1}'),
    piece(0, '{"a":1}'),
    { type: "tool-end", lane: 0 },
    piece(0, "more"),
    piece(7, "{}"),
  ]);
  expect(blocks).toMatchObject([
    { id: "call_number_0", waiting: '{"a":1}', hasEnded: true },
    { id: "call_number_1", waiting: '{"b":1}', hasEnded: false },
  ]);
});

test("a citation needs text before it", () => {
  expect(queue([text("a"), { type: "citation", page }])).toMatchObject([{ citations: [{ url: page.url }] }]);
  expect(queue([thought("a"), { type: "citation", page }])).toMatchObject([{ kind: "thinking" }]);
  expect(queue([{ type: "citation", page }])).toEqual([]);
});

describe("the id of a call", () => {
  const ids = (given: readonly string[], taken: readonly string[] = []) =>
    queue(
      given.map((id, lane) => start(lane, id)),
      taken,
    ).map((block) => ("id" in block ? block.id : ""));
  const ours = expect.stringMatching(/^toolu_[0-9A-Za-z]{24}$/);

  test("is kept if it is usable and unique", () => {
    expect(ids(["call_abcdef", "toolu_01ABC"])).toEqual(["call_abcdef", "toolu_01ABC"]);
  });

  test("is replaced if the answer or the conversation has it already", () => {
    expect(ids(["call_abcdef", "call_abcdef"])).toEqual(["call_abcdef", ours]);
    expect(ids(["call_abcdef"], ["call_abcdef"])).toEqual([ours]);
  });

  test.each(["short", "functions.x:0", "x".repeat(65), "é 1"])(
    "is encoded if clients cannot use it: %j",
    (id) => {
      const [encoded = ""] = ids([id]);
      expect(encoded).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(decodeId(encoded)).toBe(id);
      expect(ids([id], [encoded])).toEqual([ours]);
    },
  );

  test.each(["", "x".repeat(257), "\ud800"])("is replaced if it cannot be encoded: %j", (id) => {
    expect(ids([id])).toEqual([ours]);
  });
});
