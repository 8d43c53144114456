import { expect, test } from "bun:test";
import { ProxyError } from "../src/errors.ts";
import { addUsage, isSeen, type ReplyEvent, spellOut } from "../src/reply.ts";
import { callOf, finished, said, searchOf, used } from "./support/reply-events.ts";

test("a client sees text, reasoning, calls and searches", () => {
  const carrier: ReplyEvent = { type: "thinking-carrier", carrier: "c" };
  for (const fact of [
    said("a"),
    { type: "thinking-delta", text: "a" } as const,
    carrier,
    ...callOf(0),
    searchOf([]),
    { type: "tool-search", id: "s", form: "regex", input: {}, found: [] } as const,
  ])
    expect([fact.type, isSeen(fact)]).toEqual([fact.type, true]);
});

test("the usage of two exchanges is their sum, of what either reports", () => {
  const one = { inputTokens: 1, cacheReadTokens: 2, cacheWriteTokens: 3, outputTokens: 4, costUsd: 0.5 };
  expect(addUsage(undefined, one)).toBe(one);
  expect(addUsage(one, { ...one, costUsd: undefined, webSearches: 1 })).toEqual({
    inputTokens: 2,
    cacheReadTokens: 4,
    cacheWriteTokens: 6,
    outputTokens: 8,
    reasoningTokens: undefined,
    costUsd: 0.5,
    webSearches: 1,
    webFetches: undefined,
  });
});

test("a client does not see white space, counts, limits and ends", () => {
  const failure: ReplyEvent = { type: "failure", error: new ProxyError("upstream", "x") };
  for (const fact of [said(" \n"), used, finished, failure, { type: "limits", headers: {} } as const])
    expect([fact.type, isSeen(fact)]).toEqual([fact.type, false]);
});

test("deltas that a fact holds together are spelled out, and nothing else is touched", () => {
  const facts: ReplyEvent[] = [
    said("a"),
    { type: "text-delta", text: 'b"c', written: ["b", '\\"c'] },
    { type: "tool-delta", lane: 1, json: "\\nd", written: ["\\\\n", "d"] },
    used,
  ];
  const called = (json: string): ReplyEvent => ({ type: "tool-delta", lane: 1, json });
  expect(spellOut(facts)).toEqual([said("a"), said("b"), said('"c'), called("\\n"), called("d"), used]);
  const plain = [said("a"), finished];
  expect(spellOut(plain)).toBe(plain);
});
