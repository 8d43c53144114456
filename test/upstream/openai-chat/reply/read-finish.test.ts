import { expect, test } from "bun:test";
import { chooseFinish, readFinish } from "../../../../src/upstream/openai-chat/reply/read-finish.ts";

const read = (word: string, choice = {}) => readFinish(word, choice, ["END"]);

test("a word in capitals is the same word", () => {
  expect(read("MAX_TOKENS").reason).toBe("max-tokens");
  expect(read("PROHIBITED_CONTENT").reason).toBe("refusal");
});

test("an unknown word, and the name of an inherited property, is a natural end", () => {
  expect(["eos", "constructor", "__proto__"].map((word) => read(word).reason)).toEqual([
    "stop",
    "stop",
    "stop",
  ]);
});

test("of several reasons the most severe counts, and of equals the last", () => {
  const stop = read("stop");
  const toolCalls = read("tool_calls");
  const length = read("length");
  expect(chooseFinish(undefined, stop)).toBe(stop);
  expect(chooseFinish(length, stop)).toBe(length);
  expect(chooseFinish(stop, length)).toBe(length);
  expect(chooseFinish(stop, toolCalls)).toBe(toolCalls);
});

test("a stop sequence survives a second chunk that repeats only the reason", () => {
  const named = read("stop", { stop_reason: "END" });
  expect(chooseFinish(named, read("stop"))).toEqual({
    reason: "stop-sequence",
    word: "stop",
    stopSequence: "END",
  });
});
