import { expect, test } from "bun:test";
import { ProxyError } from "../src/errors.ts";
import { isSeen, type ReplyEvent } from "../src/reply.ts";
import { callOf, finished, said, searchOf, used } from "./support/reply-events.ts";

test("a client sees text, reasoning, calls and searches", () => {
  const carrier: ReplyEvent = { type: "thinking-carrier", carrier: "c" };
  for (const fact of [
    said("a"),
    { type: "thinking-delta", text: "a" } as const,
    carrier,
    ...callOf(0),
    searchOf([]),
  ])
    expect([fact.type, isSeen(fact)]).toEqual([fact.type, true]);
});

test("a client does not see white space, counts, limits and ends", () => {
  const failure: ReplyEvent = { type: "failure", error: new ProxyError("upstream", "x") };
  for (const fact of [said(" \n"), used, finished, failure, { type: "limits", headers: {} } as const])
    expect([fact.type, isSeen(fact)]).toEqual([fact.type, false]);
});
