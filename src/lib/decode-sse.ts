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
  const reading: Reading = { event: "", data: undefined, isBare: false, frames: [] };
  /** The last line, as far as it came. */
  let rest = "";

  function readLines(text: string): SseFrame[] {
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      readLine(reading, text.slice(start, end));
      start = end + 1;
    }
    rest = text.slice(start);
    const { frames } = reading;
    reading.frames = [];
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

/** The event that is being read. */
type Reading = {
  event: string;
  data: string | undefined;
  /** Its data came without `data:`, and so do its further lines. */
  isBare: boolean;
  /** The events that are whole. */
  frames: SseFrame[];
};

function readLine(reading: Reading, line: string): void {
  if (line === "") return dispatch(reading);
  if (line.startsWith("data:")) return addData(reading, line.slice(line.charCodeAt(5) === 32 ? 6 : 5));
  if (line.startsWith(":")) return;
  if (reading.isBare || /^[{[<]/.test(line)) {
    addData(reading, line);
    reading.isBare = true;
    return;
  }
  if (line.startsWith("event:")) reading.event = line.slice(6).trim();
  else if (line.startsWith("error:")) {
    dispatch(reading);
    reading.frames.push({ event: "error", data: line.slice(6).trim() });
  } else if (line.includes(" ") && !/^(id|retry):/.test(line)) reading.frames.push({ event: "", data: line });
}

function addData(reading: Reading, value: string): void {
  if (reading.data !== undefined && isWhole(reading.data) && startsNewEvent(value)) dispatch(reading);
  reading.data = reading.data === undefined ? value : `${reading.data}\n${value}`;
}

function dispatch(reading: Reading): void {
  const { event, data } = reading;
  if (data !== undefined && data !== "") reading.frames.push({ event, data });
  reading.event = "";
  reading.data = undefined;
  reading.isBare = false;
}

function isWhole(data: string): boolean {
  return data.endsWith("}") || data === "[DONE]";
}

function startsNewEvent(value: string): boolean {
  return value.startsWith("{") || value === "[DONE]";
}
