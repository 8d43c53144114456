import { expect, test } from "bun:test";
import type { ContentBlock, ContentDelta, StreamEvent } from "../../src/anthropic/wire-reply.ts";
import { writeMessageDelta, writeMessageStart } from "../../src/anthropic/write-envelope.ts";
import { MessageFold } from "../../src/anthropic/write-message.ts";
import { noUsage } from "../../src/reply.ts";

function fold(...blocks: readonly [ContentBlock, ...ContentDelta[]][]) {
  const fold = new MessageFold();
  fold.add(writeMessageStart("claude-opus-5-5", 7));
  for (const [index, [content_block, ...deltas]] of blocks.entries()) {
    fold.add({ type: "content_block_start", index, content_block });
    for (const delta of deltas) fold.add({ type: "content_block_delta", index, delta });
    fold.add({ type: "content_block_stop", index });
  }
  fold.add(writeMessageDelta({ type: "finish", reason: "stop" }, true, { ...noUsage, outputTokens: 3 }));
  fold.add({ type: "message_stop" });
  return fold.result();
}
const call = (...pieces: string[]): [ContentBlock, ...ContentDelta[]] => [
  { type: "tool_use", id: "call_abcdef", name: "f", input: {} },
  ...pieces.map((partial_json): ContentDelta => ({ type: "input_json_delta", partial_json })),
];
const citation = {
  type: "web_search_result_location",
  cited_text: "a",
  url: "https://a.example/",
  title: "A",
  encrypted_index: "",
} as const;

test("the events of a stream become one message", () => {
  const message = fold(
    [
      { type: "thinking", thinking: "", signature: "" },
      { type: "thinking_delta", thinking: "Hm" },
      { type: "thinking_delta", thinking: "m" },
      { type: "signature_delta", signature: "sig" },
    ],
    [
      { type: "text", text: "", citations: null },
      { type: "text_delta", text: "Hel" },
      { type: "text_delta", text: "lo" },
      { type: "citations_delta", citation },
    ],
    call('{"x"', ":1}"),
  );
  expect(message).toMatchObject({
    type: "message",
    role: "assistant",
    model: "claude-opus-5-5",
    content: [
      { type: "thinking", thinking: "Hmm", signature: "sig" },
      { type: "text", text: "Hello", citations: [citation] },
      { type: "tool_use", id: "call_abcdef", name: "f", input: { x: 1 } },
    ],
    stop_reason: "tool_use",
    stop_sequence: null,
    usage: { output_tokens: 3 },
  });
});

test("arguments that are empty, or were cut off, still give an input", () => {
  expect(fold(call(""), call()).content).toMatchObject([{ input: {} }, { input: {} }]);
  expect(fold(call('{"x":"rm')).content).toMatchObject([{ input: { _raw_arguments: '{"x":"rm' } }]);
});

test("an error, or a stream without a beginning, gives no message", () => {
  const error: StreamEvent = {
    type: "error",
    error: { type: "api_error", message: "It broke" },
    request_id: "req_1",
  };
  expect(() => new MessageFold().add(error)).toThrow("It broke");
  expect(() => new MessageFold().result()).toThrow("no message_start");
});
