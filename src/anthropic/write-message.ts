/**
 * The answer as one JSON message, made by folding the stream's own events. Both forms come from one writer, so they
 * cannot disagree.
 */
import { isObject, type JsonObject, parseJson } from "../lib/json.ts";
import type { WrittenDelta } from "../reply.ts";
import { wrapRawArguments } from "./guard-arguments.ts";
import type { EventSink } from "./send-blocks.ts";
import type { ContentBlock, ContentDelta, Message, StreamEvent } from "./wire-reply.ts";

export class MessageFold implements EventSink {
  #message: Message | undefined;
  #toolInput = "";

  /** The message so far. */
  result(): Message {
    if (!this.#message) throw new Error("The answer has no message_start event");
    return this.#message;
  }

  add(event: StreamEvent): void {
    const message = this.#message;
    switch (event.type) {
      case "message_start":
        this.#message = event.message;
        return;
      case "content_block_start":
        this.#toolInput = "";
        message?.content.push(event.content_block);
        return;
      case "content_block_delta":
        return this.#addDelta(lastBlock(message), event.delta);
      case "content_block_stop": {
        const block = lastBlock(message);
        if (block?.type === "tool_use" || block?.type === "server_tool_use")
          block.input = readInput(this.#toolInput);
        return;
      }
      case "message_delta":
        if (message) {
          const { delta, usage, context_management } = event;
          Object.assign(message, delta, { usage }, context_management && { context_management });
        }
        return;
      case "error":
        // Failures are thrown before anything is written; what arrives here is a broken answer.
        throw new Error(event.error.message);
      case "message_stop":
      case "ping":
        return;
      default:
        return event satisfies never;
    }
  }

  addWritten(_index: number, fact: WrittenDelta): void {
    this.#addDelta(lastBlock(this.#message), writeDelta(fact));
  }

  #addDelta(block: ContentBlock | undefined, delta: ContentDelta): void {
    if (block?.type === "text" && delta.type === "text_delta") block.text += delta.text;
    else if (block?.type === "thinking" && delta.type === "thinking_delta") block.thinking += delta.thinking;
    else if (block?.type === "thinking" && delta.type === "signature_delta")
      block.signature = delta.signature;
    else if (block?.type === "text" && delta.type === "citations_delta")
      block.citations = [...(block.citations ?? []), delta.citation];
    else if (block?.type === "compaction" && delta.type === "compaction_delta") block.content = delta.content;
    else if (delta.type === "input_json_delta") this.#toolInput += delta.partial_json;
  }
}

function writeDelta(fact: WrittenDelta): ContentDelta {
  switch (fact.type) {
    case "text-delta":
      return { type: "text_delta", text: fact.text };
    case "thinking-delta":
      return { type: "thinking_delta", thinking: fact.text };
    case "tool-delta":
      return { type: "input_json_delta", partial_json: fact.json };
    default:
      return fact satisfies never;
  }
}

function lastBlock(message: Message | undefined): ContentBlock | undefined {
  return message?.content[message.content.length - 1];
}

/** Truncated arguments are passed on unchanged: a guess at the missing half might be executed. */
function readInput(text: string): JsonObject {
  const value = parseJson(text === "" ? "{}" : text);
  return isObject(value) ? value : wrapRawArguments(text);
}
