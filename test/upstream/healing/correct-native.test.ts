import { describe, expect, test } from "bun:test";
import { changeQuirks } from "../../../src/catalog/quirks.ts";
import { findCorrection } from "../../../src/upstream/healing/find-correction.ts";
import { digestThinking } from "../../../src/upstream/reasoning/digest-item.ts";
import { readError } from "../../../src/upstream/refusal/read-error.ts";
import { nativePlan } from "../../support/native-plans.ts";
import { ask } from "../../support/proxy.ts";
import { written } from "../../support/refusals.ts";

const first = { type: "thinking", thinking: "a", signature: "one" };
const second = { type: "redacted_thinking", data: "two" };
const messages = [
  { role: "user", content: "Hello" },
  { role: "assistant", content: [first, { type: "text", text: "x" }] },
  { role: "user", content: "More" },
  { role: "assistant", content: [second, { type: "text", text: "x" }] },
];
const plan = nativePlan(ask({ messages, context_management: {} }));

function find(message: string, refusedItems: readonly string[] = [], isComplete = true) {
  const changes = { reasoning: { refusedItems }, native: { isComplete } };
  const asked = { ...plan, quirks: changeQuirks(plan.quirks, changes) };
  const body = { type: "error", error: { type: "invalid_request_error", message } };
  const error = readError(400, new Headers(), body, asked);
  return findCorrection(error, asked, written(ask({ messages, context_management: {} })));
}

describe("a foreign signature", () => {
  test("is left out where it was named, and then everywhere", () => {
    const words = "messages.1.content.0: Invalid `signature` in `thinking` block";
    const named = [digestThinking(first)];
    expect(find(words)).toMatchObject({ change: "adopt", quirks: { reasoning: { refusedItems: named } } });
    expect(find(words, named)).toMatchObject({
      quirks: { reasoning: { refusedItems: [...named, digestThinking(second)] } },
    });
    expect(find(words, [...named, digestThinking(second)])).toBeUndefined();
  });

  test("that nobody names is each of them", () => {
    expect(find("Invalid `data` in `redacted_thinking` block")).toMatchObject({
      quirks: { reasoning: { refusedItems: [first, second].map(digestThinking) } },
    });
  });
});

test("a field that a lesser backend does not know is dropped, and Anthropic's refusals are the client's", () => {
  const words = "context_management: Extra inputs are not permitted";
  expect(find(words, [], false)).toEqual({ change: "drop", path: "context_management" });
  expect(find(words)).toBeUndefined();
  expect(find("messages: Extra inputs are not permitted", [], false)).toBeUndefined();
});

test("nothing else is corrected", () => {
  expect(
    find("max_tokens: 64000 > 32000, which is the maximum allowed number of output tokens"),
  ).toBeUndefined();
});
