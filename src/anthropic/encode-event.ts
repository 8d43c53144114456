import type { WrittenDelta } from "../reply.ts";
import type { EventSink } from "./send-blocks.ts";
import type { ContentDelta, StreamEvent } from "./wire-reply.ts";

/** Collects events as they go over the wire. */
export class EventText implements EventSink {
  #text = "";

  add(event: StreamEvent): void {
    this.#text += encodeEvent(event);
  }

  addWritten(index: number, fact: WrittenDelta): void {
    this.#text += encodeWritten(index, fact);
  }

  /** What was added since this was last called. */
  take(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }
}

/** Deltas, which are nearly all of a stream, are assembled by hand, in half the time. */
function encodeEvent(event: StreamEvent): string {
  const data =
    event.type === "content_block_delta" ? encodeDelta(event.index, event.delta) : JSON.stringify(event);
  return `event: ${event.type}\ndata: ${data}\n\n`;
}

/** What comes before the text of each kind of delta. */
const beforeWritten = {
  "text-delta": ',"delta":{"type":"text_delta","text":"',
  "thinking-delta": ',"delta":{"type":"thinking_delta","thinking":"',
  "tool-delta": ',"delta":{"type":"input_json_delta","partial_json":"',
} as const satisfies Record<WrittenDelta["type"], string>;

/** Deltas that are JSON already. */
function encodeWritten(index: number, { type, written }: WrittenDelta): string {
  const start = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index}${beforeWritten[type]}`;
  const end = '"}}\n\n';
  // Usually there is only one.
  if (written.length === 1) return start + written[0] + end;
  // What comes first and last is joined as well, and the rest of it cut off: to add it later would copy a long text.
  return ["", ...written, ""].join(end + start).slice(end.length, -start.length);
}

function encodeDelta(index: number, delta: ContentDelta): string {
  const start = `{"type":"content_block_delta","index":${index},"delta":{"type":"${delta.type}"`;
  switch (delta.type) {
    case "text_delta":
      return `${start},"text":${JSON.stringify(delta.text)}}}`;
    case "thinking_delta":
      return `${start},"thinking":${JSON.stringify(delta.thinking)}}}`;
    case "signature_delta":
      return `${start},"signature":${JSON.stringify(delta.signature)}}}`;
    case "input_json_delta":
      return `${start},"partial_json":${JSON.stringify(delta.partial_json)}}}`;
    case "citations_delta":
      return `${start},"citation":${JSON.stringify(delta.citation)}}}`;
    case "compaction_delta":
      return `${start},"content":${JSON.stringify(delta.content)},"encrypted_content":null}}`;
    default:
      return delta satisfies never;
  }
}
