import { describe, expect, test } from "bun:test";
import { changeQuirks, type QuirkChanges } from "../../../../src/catalog/quirks.ts";
import {
  beginAnswer,
  endAnswer,
  endText,
  readDelta,
} from "../../../../src/upstream/openai-chat/reply/read-delta.ts";
import { planFor } from "../../../support/plans.ts";
import { ask } from "../../../support/proxy.ts";

/** The facts of deltas, in short form. */
function read(deltas: readonly object[], changes: QuirkChanges = {}, prefill = ""): string[] {
  const plan = planFor(ask());
  const quirks = changeQuirks(plan.quirks, changes);
  const written = { body: "", clientToolName: (name: string) => ({ name }), prefill, notes: [] };
  const answer = beginAnswer({ ...plan, quirks }, written);
  for (const delta of deltas) readDelta(answer, { ...delta });
  endText(answer);
  endAnswer(answer);
  return answer.facts.map((fact) => {
    switch (fact.type) {
      case "text-delta":
        return `text: ${fact.text}`;
      case "thinking-delta":
        return `thinking: ${fact.text}`;
      case "tool-start":
        return `call: ${fact.name}`;
      case "tool-delta":
        return `arguments: ${fact.json}`;
      default:
        return fact.type;
    }
  });
}
const call = (id: string) => ({ index: 0, id, function: { name: "f", arguments: "{}" } });

test("reasoning, text and a refusal are found wherever they are in a delta", () => {
  expect(read([{ reasoning_content: "a", content: "b" }])).toEqual(["thinking: a", "text: b"]);
  expect(read([{ refusal: "No" }])).toEqual(["text: No"]);
  expect(read([{ content: "" }, { content: null }, {}])).toEqual([]);
});

test("content may be a list of parts, of text and of reasoning", () => {
  const content = [
    { type: "thinking", thinking: [{ type: "text", text: "a" }, "b"] },
    { type: "text", text: "c" },
    null,
  ];
  expect(read([{ content }])).toEqual(["thinking: ab", "text: c"]);
});

test("calls come in their own field, or in the one of old servers", () => {
  const expected = ["call: f", "arguments: {}", "tool-end"];
  expect(read([{ tool_calls: [call("call_1")] }])).toEqual(expected);
  expect(read([{ function_call: { name: "f", arguments: "{}" } }])).toEqual(expected);
});

describe("think tags", () => {
  const chunks = ["<th", "ink>x</thi", "nk>\n\ny <think>z"].map((content) => ({ content }));

  test("become reasoning, however they are split", () => {
    expect(read(chunks)).toEqual(["thinking: x", "text: y <think>z"]);
  });

  test("stay text where the backend reports reasoning apart", () => {
    expect(
      read(chunks, { reasoning: { thinkTags: false } })
        .join("")
        .replaceAll("text: ", ""),
    ).toBe("<think>x</think>\n\ny <think>z");
  });

  test("half a tag is text when a call or the end follows", () => {
    expect(read([{ content: "<thi" }])).toEqual(["text: <thi"]);
    expect(read([{ content: "<thi" }, { tool_calls: [call("call_1")] }])).toEqual([
      "text: <thi",
      "call: f",
      "arguments: {}",
      "tool-end",
    ]);
  });
});

describe("a repeated prefill", () => {
  const repeats: QuirkChanges = { messages: { repeatsPrefill: true } };
  const say = (...texts: string[]) =>
    read(
      texts.map((content) => ({ content })),
      repeats,
      "Hello! I",
    );

  test("is removed, in whatever pieces it comes", () => {
    expect(say("Hello! I am")).toEqual(["text:  am"]);
    expect(say("Hel", "lo! I", " am")).toEqual(["text:  am"]);
  });

  test("may be missing", () => {
    expect(say(" am")).toEqual(["text:  am"]);
    expect(say("Hello! You")).toEqual(["text: Hello! You"]);
  });

  test("is kept where the backend does not repeat it", () => {
    expect(read([{ content: "Hello! I am" }], {}, "Hello! I")).toEqual(["text: Hello! I am"]);
  });
});

test("a single call may come without a list", () => {
  expect(read([{ tool_call: call("a") }])).toEqual(["call: f", "arguments: {}", "tool-end"]);
});
