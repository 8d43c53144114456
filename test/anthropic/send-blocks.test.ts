import { describe, expect, test } from "bun:test";
import { EventText } from "../../src/anthropic/encode-event.ts";
import { createBlockQueue, queueFact } from "../../src/anthropic/queue-blocks.ts";
import {
  createBlockOutput,
  type OutputOptions,
  sendBlocks,
  sendEmptyDelta,
} from "../../src/anthropic/send-blocks.ts";
import type { StreamEvent } from "../../src/anthropic/wire-reply.ts";
import { readFrames } from "../support/grammar.ts";
import { foundPage, searchOf } from "../support/reply-events.ts";

type BlockFact = Parameters<typeof queueFact>[1];
const text = (text: string): BlockFact => ({ type: "text-delta", text });
const thought = (text: string): BlockFact => ({ type: "thinking-delta", text });
const start = (lane: number): BlockFact => ({
  type: "tool-start",
  lane,
  id: `call_number_${lane}`,
  name: "f",
});
const piece = (lane: number, json: string): BlockFact => ({ type: "tool-delta", lane, json });
const search = searchOf([foundPage("https://a.example/", "A")]) as BlockFact;

function brief(event: StreamEvent): string {
  switch (event.type) {
    case "content_block_start":
      return `${event.index} ${event.content_block.type}`;
    case "content_block_delta":
      return `${event.index} + ${Object.values(event.delta)[1]}`;
    case "content_block_stop":
      return `${event.index} end`;
    default:
      return event.type;
  }
}

/** What is sent after each fact, and at the end. */
function open(changes: Partial<OutputOptions> = {}) {
  const queue = createBlockQueue({ isTaken: () => false, toolSchema: () => undefined });
  const text = new EventText();
  const output = createBlockOutput({ thinking: "text", emptySignature: "sig", ...changes }, text);
  const sent = () => readFrames(text.take()).map(brief);
  return {
    output,
    send(...facts: BlockFact[]) {
      for (const fact of facts) queueFact(queue, fact);
      sendBlocks(output, queue.blocks, false);
      return sent();
    },
    keepAlive() {
      sendEmptyDelta(output, queue.blocks);
      return sent();
    },
    end() {
      sendBlocks(output, queue.blocks, true);
      return sent();
    },
  };
}

test("text is sent as it comes, and closed when another block follows", () => {
  const { send, end } = open();
  expect(send(text("a"))).toEqual(["0 text", "0 + a"]);
  expect(send(text("b"))).toEqual(["0 + b"]);
  expect(send(thought("c"))).toEqual(["0 end", "1 thinking", "1 + c"]);
  expect(end()).toEqual(["1 + sig", "1 end"]);
});

test("line breaks between reasoning and text are dropped, spaces are kept", () => {
  expect(open().send(thought("a"), text("\n\n b"))).toContain("1 +  b");
  expect(open().send(text("\n\n b"))).toContain("0 + \n\n b");
});

test("white space alone is never sent", () => {
  const { send, end } = open();
  expect(send(text(" \n"))).toEqual([]);
  expect(send(start(0))).toEqual(["0 tool_use", "0 + "]);
  expect(send(text("\n"))).toEqual([]);
  expect(end()).toEqual(["0 + {}", "0 end"]);
});

describe("a tool call", () => {
  test("stays open until its arguments are complete, and others wait", () => {
    const { send } = open();
    expect(send(start(0), piece(0, '{"a":"x'))).toEqual(["0 tool_use", '0 + {"a":"x']);
    expect(send(start(1), piece(1, '{"b":1}'), text("c"))).toEqual([]);
    expect(send(piece(0, '"}'))).toEqual([
      '0 + "}',
      "0 end",
      "1 tool_use",
      '1 + {"b":1}',
      "1 end",
      "2 text",
      "2 + c",
    ]);
  });

  test("is closed at the end, even in the middle of its arguments", () => {
    const { send, end } = open();
    send(start(0), piece(0, '{"a'));
    expect(end()).toEqual(["0 end"]);
  });
});

test("hidden thinking keeps its signature, and reasoning without text becomes a redacted block", () => {
  const hidden = open({ thinking: "signature" });
  expect(hidden.send(thought("a"))).toEqual(["0 thinking"]);
  expect(hidden.end()).toEqual(["0 + sig", "0 end"]);
  const sealed = open();
  sealed.send({ type: "thinking-carrier", carrier: "c" });
  expect(sealed.end()).toEqual(["0 redacted_thinking", "0 end"]);
});

test("a search is a call and its result, and is counted if it succeeded", () => {
  const { send, output } = open();
  expect(send(search, searchOf("unavailable") as BlockFact)).toHaveLength(10);
  expect(output.searches).toBe(1);
});

test("an empty delta goes to the open block, or to a thinking block opened for it", () => {
  const { send, keepAlive } = open();
  expect(keepAlive()).toEqual(["0 thinking", "0 + "]);
  expect(send(text("a"))).toEqual(["0 + sig", "0 end", "1 text", "1 + a"]);
  expect(keepAlive()).toEqual(["1 + "]);
});

test("an empty delta that stands for no thinking leaves the text's leading line breaks alone", () => {
  const { send, keepAlive } = open();
  keepAlive();
  expect(send(text("\n\na"))).toContain("1 + \n\na");
});

test("characters of text, thinking and arguments are counted", () => {
  const { send, output } = open();
  send(thought("ab"), text("c"), start(0), piece(0, "{}"), { type: "tool-end", lane: 0 });
  expect(output.sentCharacters).toBe(5);
});

test("unwanted thinking is not sent, but the signature that a call needs is", () => {
  const quiet = open({ thinking: "nothing" });
  expect(quiet.send(thought("a"), text("b"))).toEqual(["0 text", "0 + b"]);
  const calling = open({ thinking: "nothing" });
  const sent = calling.send(thought("a"), { type: "thinking-carrier", carrier: "c" }, start(0));
  expect(sent.slice(0, 3)).toEqual(["0 redacted_thinking", "0 end", "1 tool_use"]);
});
