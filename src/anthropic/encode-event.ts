import type { ContentDelta, StreamEvent } from "./wire-reply.ts";

/**
 * One event as it goes over the wire. Deltas, which are nearly all of a stream, are assembled by hand, in half the
 * time.
 */
export function encodeEvent(event: StreamEvent): string {
  if (event.type === "content_block_delta" && event.written)
    return encodeWritten(event.index, event.delta.type, event.written);
  const data =
    event.type === "content_block_delta" ? encodeDelta(event.index, event.delta) : JSON.stringify(event);
  return `event: ${event.type}\ndata: ${data}\n\n`;
}

/** Deltas that are JSON already. */
function encodeWritten(index: number, type: ContentDelta["type"], written: readonly string[]): string {
  const field = type === "text_delta" ? "text" : type === "thinking_delta" ? "thinking" : "partial_json";
  const start = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${type}","${field}":"`;
  const end = '"}}\n\n';
  // Usually there is only one.
  if (written.length === 1) return start + written.join("") + end;
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
