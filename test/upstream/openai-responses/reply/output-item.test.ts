import { describe, expect, test } from "bun:test";
import {
  createItem,
  findKnown,
  joinTexts,
  restOf,
  writeArguments,
} from "../../../../src/upstream/openai-responses/reply/output-item.ts";

describe("an item of the finished output is one that came in pieces", () => {
  const call = createItem({ type: "function_call", id: "fc_1", call_id: "call_1" });
  const other = createItem({ type: "function_call", id: "fc_2", call_id: "call_2" });
  const said = { ...createItem({ type: "message" }), said: "Hi", hasEnded: true };
  const left = [call, other, said];

  test("by its ids, before its place", () => {
    expect(findKnown(left, other, { type: "function_call", call_id: "call_1" })).toBe(call);
    expect(findKnown(left, other, { type: "function_call", call_id: "new", id: "fc_1" })).toBe(call);
  });

  test("by its place, if it is of that type", () => {
    expect(findKnown(left, other, { type: "function_call", id: "new" })).toBe(other);
    expect(findKnown(left, call, { type: "reasoning" })).toBeUndefined();
  });

  test("by what it says", () => {
    expect(findKnown(left, undefined, { type: "message", content: [{ text: "Hi" }] })).toBe(said);
    expect(findKnown(left, undefined, { type: "message", content: [{ text: "No" }] })).toBeUndefined();
  });
});

test("the rest of a text is nothing if the two differ", () => {
  expect([restOf("He", "Hello"), restOf("", "Hi"), restOf("Ho", "Hello")]).toEqual(["llo", "Hi", ""]);
});

test("texts are joined without empty ones, and arguments may be an object", () => {
  expect(joinTexts([{ text: "a" }, {}, { text: "b" }], "-")).toBe("a-b");
  expect([writeArguments({ a: 1 }), writeArguments('{"a":1}'), writeArguments(null)]).toEqual([
    '{"a":1}',
    '{"a":1}',
    "",
  ]);
});
