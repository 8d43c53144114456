import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../src/lib/json.ts";
import { addDetail, mergeDetails } from "../../../src/upstream/reasoning/merge-details.ts";

const text = (text: string, more: JsonObject = {}) => ({ type: "reasoning.text", index: 0, text, ...more });

describe("fragments", () => {
  test("of one item are joined, and fields that came first are kept", () => {
    const fragments = [
      text("Need ", { format: "anthropic-claude-v1" }),
      text("file.", { format: "other", signature: null }),
      { type: "reasoning.text", index: 0, signature: "SIG" },
    ];
    expect(mergeDetails(fragments)).toEqual([
      text("Need file.", { format: "anthropic-claude-v1", signature: "SIG" }),
    ]);
  });

  test.each<[string, JsonObject]>([
    ["type", { ...text("b"), type: "reasoning.summary" }],
    ["index", text("b", { index: 1 })],
    ["id", text("b", { id: "2" })],
  ])("of another %s make another item", (_, other) => {
    const first = text("a", { id: "1" });
    expect(mergeDetails([first, other])).toEqual([first, other]);
  });

  test("without an index continue the item before them", () => {
    const pieces = ["a", "b"].map((text) => ({ type: "reasoning.summary", summary: text }));
    expect(mergeDetails(pieces)).toEqual([{ type: "reasoning.summary", summary: "ab" }]);
  });

  test("after a signature make another item, unless they repeat the signed one", () => {
    const signed = text("a", { signature: "S" });
    expect(mergeDetails([signed, signed])).toEqual([signed]);
    expect(mergeDetails([signed, text("b")])).toEqual([signed, text("b")]);
  });

  test("that contain the whole text so far replace it", () => {
    expect(mergeDetails([text("I think it"), text("I think it is so")])).toEqual([text("I think it is so")]);
    expect(mergeDetails([text("ab"), text("abc")])).toEqual([text("ababc")]);
  });

  test("are not changed", () => {
    const first = text("a");
    const items: JsonObject[] = [];
    addDetail(items, first);
    addDetail(items, text("b"));
    expect([first, items]).toEqual([text("a"), [text("ab")]]);
  });
});

test("items that need a signature and have none are left out", () => {
  const unsigned = (format: string) => text("a", { format });
  expect(mergeDetails([unsigned("anthropic-claude-v1")])).toEqual([]);
  expect(mergeDetails([unsigned("google-gemini-v1")])).toEqual([]);
  expect(mergeDetails([unsigned("unknown")])).toHaveLength(1);
});
