/**
 * Decodes server-sent events from bytes. Knows the format, and how real servers deviate from it; nothing of the
 * domain.
 */

/** One event. `event` is empty if the server did not name it. */
export type SseFrame = { readonly event: string; readonly data: string };

type SseDecoder = {
  push(bytes: Uint8Array): SseFrame[];
  /** Ends the stream: an unfinished event comes out as a frame. */
  end(): SseFrame[];
};

/**
 * Decodes a stream of bytes that may be split anywhere, even inside a UTF-8 sequence or a line ending. Drops comments,
 * ids and retry hints. Beyond the WHATWG rules it reads what real servers send: events with no blank line between
 * them, JSON or HTML without `data:`, llama.cpp's `error: {…}` lines, and plain sentences.
 */
export function createSseDecoder(): SseDecoder {
  const utf8 = new TextDecoder();
  let rest = "";
  let event = "";
  let data: string | undefined;
  let bare = false;

  function dispatch(frames: SseFrame[]): void {
    if (data !== undefined && data !== "") frames.push({ event, data });
    event = "";
    data = undefined;
    bare = false;
  }

  function addData(value: string, frames: SseFrame[]): void {
    if (data !== undefined && isWhole(data) && startsNewEvent(value)) dispatch(frames);
    data = data === undefined ? value : `${data}\n${value}`;
  }

  function readLine(line: string, frames: SseFrame[]): void {
    if (line === "") return dispatch(frames);
    if (line.startsWith("data:")) return addData(line.slice(line.charCodeAt(5) === 32 ? 6 : 5), frames);
    if (line.startsWith(":")) return;
    if (bare || /^[{[<]/.test(line)) {
      addData(line, frames);
      bare = true;
      return;
    }
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("error:")) {
      dispatch(frames);
      frames.push({ event: "error", data: line.slice(6).trim() });
    } else if (line.includes(" ") && !/^(id|retry):/.test(line)) frames.push({ event: "", data: line });
  }

  function readLines(text: string): SseFrame[] {
    const frames: SseFrame[] = [];
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      readLine(text.slice(start, end), frames);
      start = end + 1;
    }
    rest = text.slice(start);
    return frames;
  }

  return {
    push(bytes) {
      const piece = utf8.decode(bytes, { stream: true });
      // Searches only the new piece, so that one huge line in tiny reads stays linear.
      if (!piece.includes("\n") && !piece.includes("\r") && !rest.endsWith("\r")) {
        rest += piece;
        return [];
      }
      const text = rest + piece;
      if (!text.includes("\r")) return readLines(text);
      // A carriage return at the very end may be the first half of a CRLF.
      const half = text.endsWith("\r");
      const frames = readLines((half ? text.slice(0, -1) : text).replace(/\r\n?/g, "\n"));
      if (half) rest += "\r";
      return frames;
    },
    end() {
      const frames = readLines(`${(rest + utf8.decode()).replace(/\r\n?/g, "\n")}\n\n`);
      rest = "";
      return frames;
    },
  };
}

function isWhole(data: string): boolean {
  return data.endsWith("}") || data === "[DONE]";
}

function startsNewEvent(value: string): boolean {
  return value.startsWith("{") || value === "[DONE]";
}
