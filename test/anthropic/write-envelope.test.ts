import { describe, expect, test } from "bun:test";
import { writeMessageDelta, writeMessageStart } from "../../src/anthropic/write-envelope.ts";
import { type FinishReason, noUsage } from "../../src/reply.ts";

test("a message starts empty, with the estimate of its prompt", () => {
  expect(writeMessageStart("claude-opus-5-5", 7)).toEqual({
    type: "message_start",
    message: {
      id: expect.stringMatching(/^msg_[0-9A-Za-z]{24}$/),
      type: "message",
      role: "assistant",
      model: "claude-opus-5-5",
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: 7,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        output_tokens: 0,
      },
    },
  });
});

describe("the stop reason", () => {
  const rows: [reason: FinishReason, plain: string, withTool: string][] = [
    ["stop", "end_turn", "tool_use"],
    ["stop-sequence", "stop_sequence", "tool_use"],
    ["max-tokens", "max_tokens", "max_tokens"],
    ["refusal", "refusal", "refusal"],
    ["pause", "pause_turn", "pause_turn"],
    ["context-window", "model_context_window_exceeded", "model_context_window_exceeded"],
  ];
  test.each(rows)("of %s is %s, and after a tool call %s", (reason, plain, withTool) => {
    const deltaOf = (hasTool: boolean) =>
      writeMessageDelta({ type: "finish", reason, stopSequence: "END" }, hasTool, noUsage);
    const [without, after] = [deltaOf(false), deltaOf(true)];
    expect([without, after]).toMatchObject([
      { delta: { stop_reason: plain, stop_sequence: plain === "stop_sequence" ? "END" : null } },
      { delta: { stop_reason: withTool, stop_sequence: null } },
    ]);
    const details = { stop_details: { type: "refusal", category: null, explanation: null } };
    if (reason === "refusal") expect(without).toMatchObject({ delta: details });
    else expect(JSON.stringify(without)).not.toContain("stop_details");
  });
});

test("usage has details only for what the backend reports", () => {
  const usage = { inputTokens: 1, cacheReadTokens: 2, cacheWriteTokens: 3, outputTokens: 4 };
  const finish = { type: "finish", reason: "stop" } as const;
  const plain = {
    input_tokens: 1,
    cache_creation_input_tokens: 3,
    cache_read_input_tokens: 2,
    output_tokens: 4,
  };
  expect(writeMessageDelta(finish, false, usage)).toMatchObject({ usage: plain });
  const more = { ...usage, reasoningTokens: 0, webSearches: 2 };
  expect(writeMessageDelta(finish, false, more)).toMatchObject({
    usage: {
      ...plain,
      output_tokens_details: { thinking_tokens: 0 },
      server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 },
    },
  });
});
