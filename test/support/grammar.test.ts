import { describe, expect, test } from "bun:test";
import { checkStream, foldContent, foldMessage } from "./grammar.ts";
import { isProperObjectPrefix } from "./json-prefix.ts";

const usage = {
  input_tokens: 3,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 0,
};
const message = { id: "msg_1", type: "message", role: "assistant", model: "m", content: [] };
const start = {
  type: "message_start",
  message: { ...message, stop_reason: null, stop_sequence: null, usage },
};
const end = { type: "message_stop" };
const failure = { type: "error", error: { type: "api_error", message: "Gone" } };

const stopped = (stop_reason: string, stop_sequence: string | null = null) => ({
  type: "message_delta",
  delta: { stop_reason, stop_sequence },
  usage: { ...usage, output_tokens: 5 },
});
const opened = (index: number, content_block: object) => ({
  type: "content_block_start",
  index,
  content_block,
});
const added = (index: number, delta: object) => ({ type: "content_block_delta", index, delta });
const closed = (index: number) => ({ type: "content_block_stop", index });

const openText = (index: number) => opened(index, { type: "text", text: "", citations: null });
const openThinking = (index: number) => opened(index, { type: "thinking", thinking: "", signature: "" });
const openTool = (index: number, id = `toolu_${index}`) =>
  opened(index, { type: "tool_use", id, name: "read", input: {} });
const text = (index: number, text: string) => added(index, { type: "text_delta", text });
const thought = (index: number, thinking: string) => added(index, { type: "thinking_delta", thinking });
const signed = (index: number, signature = "sig") => added(index, { type: "signature_delta", signature });
const json = (index: number, partial_json: string) =>
  added(index, { type: "input_json_delta", partial_json });

const textBlock = (index: number) => [openText(index), text(index, "Hi"), closed(index)];
const toolBlock = (index: number, input: string, id?: string) => [
  openTool(index, id),
  json(index, input),
  closed(index),
];

const caller = { type: "direct" };
const foundUrl = "https://a.example/";
const resultBlock = (index: number, tool_use_id = "srvtoolu_a") => {
  const page = {
    type: "web_search_result",
    url: foundUrl,
    title: "A",
    encrypted_content: "",
    page_age: null,
  };
  return opened(index, { type: "web_search_tool_result", tool_use_id, caller, content: [page] });
};
/** A search and its result, which take the index and the one after it. */
const searchBlocks = (index: number, resultId?: string, input = '{"query":"q"}') => [
  opened(index, { type: "server_tool_use", id: "srvtoolu_a", name: "web_search", input: {}, caller }),
  json(index, input),
  closed(index),
  resultBlock(index + 1, resultId),
  closed(index + 1),
];
const cited = (index: number, url = foundUrl) => {
  const citation = {
    type: "web_search_result_location",
    url,
    title: "A",
    cited_text: "",
    encrypted_index: "",
  };
  return added(index, { type: "citations_delta", citation });
};

type Frame = { readonly type: string } & Readonly<Record<string, unknown>>;
const encode = (events: readonly Frame[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
const whole = (blocks: readonly Frame[], stop = "end_turn"): string =>
  encode([start, ...blocks, stopped(stop), end]);

describe("a valid stream", () => {
  const answer = encode([
    { type: "ping" },
    start,
    openThinking(0),
    thought(0, "Need "),
    thought(0, "it"),
    signed(0),
    closed(0),
    openText(1),
    text(1, ""),
    text(1, "Reading\u2028"),
    closed(1),
    { type: "ping" },
    openTool(2),
    json(2, '{"path":'),
    json(2, '"a"}'),
    closed(2),
    openTool(3),
    closed(3),
    opened(4, { type: "redacted_thinking", data: "blob" }),
    closed(4),
    stopped("tool_use"),
    end,
  ]);

  test("passes, and folds to its message", () => {
    expect(foldMessage(checkStream(`: comment\n\n${answer}`))).toEqual({
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "m",
      content: [
        { type: "thinking", thinking: "Need it", signature: "sig" },
        { type: "text", text: "Reading\u2028", citations: null },
        { type: "tool_use", id: "toolu_2", name: "read", input: { path: "a" } },
        { type: "tool_use", id: "toolu_3", name: "read", input: {} },
        { type: "redacted_thinking", data: "blob" },
      ],
      stop_reason: "tool_use",
      stop_sequence: null,
      usage: { ...usage, output_tokens: 5 },
    });
  });

  test.each([
    ["no blocks at all", whole([])],
    ["a tool call and max_tokens", whole(toolBlock(0, "{}"), "max_tokens")],
    ["a matched stop sequence", encode([start, ...textBlock(0), stopped("stop_sequence", "END"), end])],
    ["an error in the middle of a block", encode([start, openTool(0), json(0, '{"a":"b'), failure])],
  ])("passes with %s", (_, sse) => {
    expect(() => checkStream(sse)).not.toThrow();
  });

  test("may truncate a tool's input only if the answer was cut off and the caller allows it", () => {
    const cut = whole(toolBlock(0, '{"a":"b'), "max_tokens");
    expect(() => checkStream(cut)).toThrow("its input is not a JSON object");
    const [tool] = foldMessage(checkStream(cut, { allowTruncated: true })).content;
    expect(tool).toMatchObject({ input: { _raw_arguments: '{"a":"b' } });
    expect(() => checkStream(whole(toolBlock(0, '{"a":"b'), "tool_use"), { allowTruncated: true })).toThrow(
      "its input is not a JSON object",
    );
    expect(() => checkStream(whole(toolBlock(0, "{a"), "max_tokens"), { allowTruncated: true })).toThrow();
  });
});

describe("an invalid stream", () => {
  const hi = textBlock(0);
  const broken: [rule: string, sse: string, message: string][] = [
    ["an event name", `data: {"type":"ping"}\n\n${whole(hi)}`, "Frame 0"],
    [
      "the type matching the event name",
      `event: ping\ndata: {"type":"message_stop"}\n\n`,
      "its type is message_stop",
    ],
    ["JSON in every frame", "event: ping\ndata: nope\n\n", "its data is not JSON"],
    ["no [DONE]", `${whole(hi)}data: [DONE]\n\n`, "[DONE]"],
    ["complete frames", whole(hi).trimEnd(), "not closed"],
    ["plain line ends", whole(hi).replaceAll("\n", "\r\n"), "carriage return"],
    ["known events", encode([{ type: "surprise" }]), "Frame 0"],
    ["no unknown keys", encode([{ ...start, extra: 1 }]), "extra"],
    ["no caller on a tool", whole([opened(0, { ...openTool(0).content_block, caller: null })]), "caller"],
    ["message_start first", encode([...hi, stopped("end_turn"), end]), "begins with content_block_start"],
    ["message_start before an error", encode([failure]), "begins with error"],
    ["one message_start", encode([start, start, stopped("end_turn"), end]), "comes 2 times"],
    ["one message_delta", encode([start, stopped("end_turn"), stopped("end_turn"), end]), "comes 2 times"],
    ["a message_delta", encode([start, ...hi, end]), "does not follow a message_delta"],
    ["message_delta after the blocks", encode([start, stopped("end_turn"), ...hi, end]), "does not follow"],
    ["an end", encode([start, ...hi]), "not message_stop or error"],
    ["an end after message_delta", encode([start, ...hi, stopped("end_turn")]), "not message_stop or error"],
    ["nothing after message_stop", whole(hi) + encode([{ type: "ping" }]), "ping follows message_stop"],
    ["nothing after error", encode([start, failure, end]), "message_stop follows error"],
    ["no error after message_delta", encode([start, stopped("end_turn"), failure]), "error follows"],
    ["an index from 0", whole(textBlock(1)), "the next index is 0"],
    ["no index gap", whole([...hi, ...textBlock(2)]), "the next index is 1"],
    ["no index reuse", whole([...hi, ...hi]), "the next index is 1"],
    ["one open block", whole([openText(0), openText(1)]), "block 0 is still open"],
    ["no delta before its start", whole([text(0, "x")]), "that block is not open"],
    ["no delta after its stop", whole([...hi, text(0, "x")]), "that block is not open"],
    ["no stop without start", whole([closed(0)]), "that block is not open"],
    ["a stop for each block", whole([openText(0), text(0, "x")]), "block 0 is still open"],
    ["deltas of the block's type", whole([openText(0), json(0, "{}"), closed(0)]), "the block is text"],
    ["no signature on text", whole([openText(0), signed(0), closed(0)]), "the block is text"],
    ["no empty text", whole([openText(0), text(0, ""), closed(0)]), "its text is empty"],
    ["no bare text", whole([openText(0), closed(0)]), "its text is empty"],
    ["a signature", whole([openThinking(0), thought(0, "x"), closed(0)]), "not signed"],
    ["a signature with content", whole([openThinking(0), signed(0, ""), closed(0)]), "signature"],
    ["one signature", whole([openThinking(0), signed(0), signed(0), closed(0)]), "already signed"],
    ["the signature last", whole([openThinking(0), signed(0), thought(0, "x"), closed(0)]), "already signed"],
    [
      "no delta on redacted thinking",
      whole([opened(0, { type: "redacted_thinking", data: "x" }), thought(0, "x")]),
      "redacted_thinking",
    ],
    ["input in deltas only", whole([opened(0, { ...openTool(0).content_block, input: { a: 1 } })]), "input"],
    ["whole input", whole(toolBlock(0, '{"a":'), "tool_use"), "not a JSON object"],
    ["one input", whole(toolBlock(0, "{}{}"), "tool_use"), "not a JSON object"],
    ["input that is an object", whole(toolBlock(0, "[]"), "tool_use"), "not a JSON object"],
    ["unique ids", whole([...toolBlock(0, "{}", "a"), ...toolBlock(1, "{}", "a")], "tool_use"), "is taken"],
    ["ids of safe letters", whole(toolBlock(0, "{}", "a.b"), "tool_use"), "id"],
    ["tool_use where there is a call", whole(toolBlock(0, "{}")), "stop_reason is end_turn with 1"],
    ["tool_use only where there is a call", whole(hi, "tool_use"), "stop_reason is tool_use with 0"],
    ["a result after a search", whole(searchBlocks(0).slice(0, 3)), "no result follows"],
    ["a search before a result", whole([resultBlock(0), closed(0)]), "does not follow its search"],
    ["the result of this search", whole(searchBlocks(0, "srvtoolu_b")), "does not follow its search"],
    ["a query", whole(searchBlocks(0, undefined, "{}")), "has no query"],
    ["a unique search id", whole([...searchBlocks(0), ...searchBlocks(2)]), "is taken"],
    [
      "no deltas on a result",
      whole([...searchBlocks(0).slice(0, 4), text(1, "x"), closed(1)]),
      "the block is",
    ],
    [
      "citations of what was found",
      whole([...hi.slice(0, -1), cited(0), closed(0)]),
      "which no search found",
    ],
    [
      "citations on text",
      whole([...toolBlock(0, "{}").slice(0, 1), cited(0)], "tool_use"),
      "the block is tool_use",
    ],
    ["a known stop_reason", whole(hi, "length"), "stop_reason"],
    ["the stop sequence that matched", whole(hi, "stop_sequence"), "with the stop sequence null"],
    [
      "all counters",
      encode([{ ...start, message: { ...start.message, usage: { input_tokens: 1 } } }]),
      "output_tokens",
    ],
    [
      "numbers as counters",
      encode([{ ...stopped("end_turn"), usage: { ...usage, output_tokens: null } }]),
      "output_tokens",
    ],
  ];

  test.each(broken)("is refused: %s", (_, sse, message) => {
    expect(() => checkStream(sse)).toThrow(message);
  });

  test("a search and its citations pass", () => {
    const blocks = [...searchBlocks(0), openText(2), text(2, "Hi"), cited(2), closed(2)];
    expect(foldMessage(checkStream(whole(blocks))).content).toMatchObject([
      { type: "server_tool_use", input: { query: "q" } },
      { type: "web_search_tool_result", content: [{ url: foundUrl }] },
      { type: "text", text: "Hi", citations: [{ url: foundUrl }] },
    ]);
  });

  test("a failed answer has no message, but its content can be read", () => {
    const events = checkStream(encode([start, openText(0), text(0, "Hal"), failure]));
    expect(() => foldMessage(events)).toThrow("is not a whole message");
    expect(foldContent(events)).toEqual([{ type: "text", text: "Hal", citations: null }]);
  });
});

test("isProperObjectPrefix accepts every proper prefix of an object, and nothing else", () => {
  const object = '{"a\\u00e9":[1.5e-3,true,{"b\\"":"\\\\","c":null}],"d":{"e":"ü"},"f":false,"g":[],"h":{}}';
  for (let cut = 0; cut < object.length; cut++) {
    expect([cut, isProperObjectPrefix(object.slice(0, cut))]).toEqual([cut, true]);
  }
  for (const other of [object, "{}", "[", "nul", "{a", '{"a"}', '{"a":]', '{"a":1]', "{}{", '{"a":"\n']) {
    expect([other, isProperObjectPrefix(other)]).toEqual([other, false]);
  }
});
