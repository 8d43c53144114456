import { expect, test } from "bun:test";
import {
  chooseFinish,
  type Finish,
  readFinish,
  readWord,
} from "../../../../src/upstream/openai-chat/reply/read-finish.ts";

function read(word: string, choice = {}): Finish {
  const finish = readFinish(word, choice, ["END"]);
  if (!finish) throw new Error(`${word} is no end`);
  return finish;
}

test("a word in capitals is the same word", () => {
  expect(read("MAX_TOKENS").reason).toBe("max-tokens");
  expect(read("PROHIBITED_CONTENT").reason).toBe("refusal");
});

test("a word means what its stem says", () => {
  const meanings: Record<string, Finish["reason"]> = {
    eos: "stop",
    endTurn: "stop",
    FINISH_REASON_STOP: "stop",
    tool_use: "stop",
    completed: "stop",
    max_output_tokens: "max-tokens",
    maxTokens: "max-tokens",
    model_context_window_exceeded: "context-window",
    guardrail_intervened: "refusal",
    IMAGE_SAFETY: "refusal",
    abort: "failure",
    UNEXPECTED_TOOL_CALL: "failure",
    MALFORMED_FUNCTION_CALL: "failure",
  };
  for (const [word, reason] of Object.entries(meanings))
    expect([word, read(word).reason]).toEqual([word, reason]);
});

test("an unknown word, and the name of an inherited property, may or may not be an end", () => {
  for (const word of ["something_new", "incomplete", "constructor", "__proto__"])
    expect(read(word).reason).toBe("unknown");
});

test("words for `not yet` are no end", () => {
  for (const word of ["null", "None", "undefined", "FINISH_REASON_UNSPECIFIED", "in_progress"])
    expect(readFinish(word, {}, [])).toBeUndefined();
});

test("the stop sequence that SGLang or vLLM names is told, a token id is not", () => {
  expect(read("stop", { matched_stop: "END" })).toMatchObject({ stopSequence: "END" });
  expect(read("stop", { matched_stop: 151645 }).reason).toBe("stop");
  const finish_reason = { type: "stop", matched: "END" };
  expect(read(readWord(finish_reason), { finish_reason })).toMatchObject({ stopSequence: "END" });
  expect([readWord("length"), readWord(null), readWord({})]).toEqual(["length", "", ""]);
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
