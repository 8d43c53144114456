import { expect, test } from "bun:test";
import { MessageFold } from "../../src/anthropic/write-message.ts";
import { ProxyError } from "../../src/errors.ts";
import { gatherReply } from "../../src/journey/gather-reply.ts";
import { beginReply, type ReplyEvent } from "../../src/reply.ts";
import { createTestWriter } from "../support/answers.ts";
import { finished, said, used } from "../support/reply-events.ts";

function replyOf(...reads: ReplyEvent[][]) {
  return beginReply(
    (async function* () {
      yield* reads;
    })(),
  );
}

test("the facts become one message, and rate limits its headers", async () => {
  const seen: ReplyEvent[] = [];
  const limits: ReplyEvent = { type: "limits", headers: { "anthropic-ratelimit-requests-remaining": "7" } };
  const reply = await replyOf([limits, said("Hel")], [said("lo"), used], [finished]);
  const fold = new MessageFold();
  const response = await gatherReply(reply, createTestWriter(fold), fold, {
    see: (facts) => void seen.push(...facts),
  });
  expect(response.headers.get("anthropic-ratelimit-requests-remaining")).toBe("7");
  expect(await response.json()).toMatchObject({ content: [{ text: "Hello" }], stop_reason: "end_turn" });
  expect(seen).toHaveLength(5);
});

test("a failure is thrown, even after text", async () => {
  const error = new ProxyError("overloaded", "Busy");
  const reply = await replyOf([said("Hel")], [{ type: "failure", error }]);
  const fold = new MessageFold();
  expect(gatherReply(reply, createTestWriter(fold), fold, { see: () => {} })).rejects.toBe(error);
});
