import { expect, test } from "bun:test";
import { ProxyError } from "../../src/errors.ts";
import { compactReply } from "../../src/journey/compact-reply.ts";
import { noUsage, type ReplyEvent, type Usage, wholeReply } from "../../src/reply.ts";
import { planFor } from "../support/plans.ts";
import { ask } from "../support/proxy.ts";

const replyOf = (...facts: ReplyEvent[]) => wholeReply(facts);
const text = (text: string): ReplyEvent => ({ type: "text-delta", text });
const stop: ReplyEvent = { type: "finish", reason: "stop" };
const usage: ReplyEvent = { type: "usage", usage: noUsage };
const plan = planFor(ask({}));

async function compact(facts: ReplyEvent[], goesOn = false) {
  const asked: (string | null)[] = [];
  const goOn = async (summary: string | null) => {
    asked.push(summary);
    return plan;
  };
  const compaction = { toolChanges: [], goOn: goesOn ? goOn : undefined };
  const counted: (Usage | undefined)[] = [];
  const open = async () => replyOf(text("answer"), stop);
  const reply = compactReply(replyOf(...facts), compaction, open, (usage) => void counted.push(usage));
  return { facts: (await Array.fromAsync(reply)).flat(), asked, counted };
}

test("the text becomes the block, and everything else but the usage is dropped", async () => {
  const { facts } = await compact([
    { type: "thinking-delta", text: "hm" },
    text(" a "),
    text("b "),
    usage,
    stop,
  ]);
  expect(facts).toEqual([
    { type: "compaction", content: "a b", toolChanges: [] },
    usage,
    { type: "finish", reason: "compaction" },
  ]);
});

test("no text, or an answer that was cut, is no summary", async () => {
  for (const facts of [[stop], [text("half"), { type: "finish", reason: "max-tokens" } as const]])
    expect((await compact(facts)).facts[0]).toMatchObject({ type: "compaction", content: null });
});

test("the answer follows, with or without a summary", async () => {
  const { facts, asked } = await compact([text("sum"), stop], true);
  expect(facts.map(({ type }) => type)).toEqual(["compaction", "text-delta", "finish"]);
  expect(asked).toEqual(["sum"]);
  expect((await compact([stop], true)).asked).toEqual([null]);
});

test("what the summary took is counted apart, unless it is the reply", async () => {
  expect((await compact([text("sum"), usage, stop], true)).counted).toEqual([noUsage]);
  expect((await compact([text("sum"), usage, stop])).counted).toEqual([]);
});

test("a failure ends it", async () => {
  const error = new ProxyError("upstream", "broken");
  expect((await compact([text("s"), { type: "failure", error }], true)).facts).toEqual([
    { type: "failure", error },
  ]);
});

test("a plan that cannot be made is a failure, too", async () => {
  const goOn = () => Promise.reject(new ProxyError("invalid-request", "no"));
  const reply = compactReply(
    replyOf(text("sum"), stop),
    { toolChanges: [], goOn },
    async () => replyOf(),
    () => {},
  );
  expect((await Array.fromAsync(reply)).flat().at(-1)).toMatchObject({ type: "failure" });
});
