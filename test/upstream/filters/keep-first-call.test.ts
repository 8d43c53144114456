import { expect, test } from "bun:test";
import type { ReplyEvent } from "../../../src/reply.ts";
import { createFirstCall } from "../../../src/upstream/filters/keep-first-call.ts";

test("only the first call passes, and everything that is not a call", () => {
  const start = (lane: number): ReplyEvent => ({ type: "tool-start", lane, id: "", name: "a" });
  const json = (lane: number): ReplyEvent => ({ type: "tool-delta", lane, json: "{}" });
  const text: ReplyEvent = { type: "text-delta", text: "x" };
  const filter = createFirstCall();
  expect(filter.push([text, start(0), json(0)])).toEqual([text, start(0), json(0)]);
  expect(filter.push([start(1), json(1), json(0), text])).toEqual([json(0), text]);
});
