import { expect, test } from "bun:test";
import type { FinishReason } from "../../../../src/reply.ts";
import {
  mergeUsage,
  readNativeUsage,
  readStop,
} from "../../../../src/upstream/anthropic-messages/reply/read-outcome.ts";

test("usage is read as it is counted: the cached part is not in the input", () => {
  const usage = {
    input_tokens: 5,
    cache_read_input_tokens: 100,
    cache_creation_input_tokens: 7,
    output_tokens: 9,
    output_tokens_details: { thinking_tokens: 4 },
    server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 },
    cost: 0.5,
  };
  expect(readNativeUsage(usage)).toEqual({
    inputTokens: 5,
    cacheReadTokens: 100,
    cacheWriteTokens: 7,
    outputTokens: 9,
    reasoningTokens: 4,
    costUsd: 0.5,
    webSearches: 2,
    webFetches: 1,
  });
});

test("what is no count is none", () => {
  expect(readNativeUsage({ input_tokens: null, output_tokens: -1 })).toEqual({
    inputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 0,
  });
});

test("later usage counts, except where it is nothing", () => {
  expect(mergeUsage({ input_tokens: 5, output_tokens: 1 }, { input_tokens: 0, output_tokens: 9 })).toEqual({
    input_tokens: 5,
    output_tokens: 9,
  });
});

test.each<[string, FinishReason]>([
  ["end_turn", "stop"],
  ["tool_use", "tool-use"],
  ["max_tokens", "max-tokens"],
  ["model_context_window_exceeded", "context-window"],
  ["pause_turn", "pause"],
  ["refusal", "refusal"],
  ["brand_new", "stop"],
])("%s is %s", (stop_reason, reason) => {
  expect(readStop({ stop_reason })).toEqual({ type: "finish", reason });
});

test("a stop sequence is named", () => {
  expect(readStop({ stop_reason: "stop_sequence", stop_sequence: "END" })).toEqual({
    type: "finish",
    reason: "stop-sequence",
    stopSequence: "END",
  });
});
