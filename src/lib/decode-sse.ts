/**
 * Decodes server-sent events from bytes. Knows the format, and how real servers deviate from it; nothing of the
 * domain.
 */

import { parseJson } from "./json.ts";

/** One event. `event` is empty if the server did not name it. */
export type SseFrame = { readonly event: string; readonly data: string };

/** A line or an event is larger than anything that a server means. */
export class OversizedEventError extends Error {
  override readonly name = "OversizedEventError";
}

/** Limit on a line and on the data of an event, in characters: an endless one would fill the memory. */
const maxSize = 16 * 1024 * 1024;
/** What a line of data takes beside its characters. */
const lineCost = 16;

/** Takes the events of a stream, in their order. */
type SseReader = {
  push(frame: SseFrame): void;
  /** Is shown where an event begins in a text, and returns up to where it has read the text itself. */
  lift(text: string, from: number): number;
};

type SseDecoder = {
  /** @throws OversizedEventError */
  push(bytes: Uint8Array): SseFrame[];
  /**
   * The same, for a reader.
   * @throws OversizedEventError
   */
  pass(bytes: Uint8Array, reader: SseReader): void;
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
  const reading: Reading = { event: "", data: [], size: 0, isBare: false, frames: [] };
  /** The last line, as far as it came. Looking at all of it again for each piece would be quadratic. */
  let rest = "";
  let endsInReturn = false;

  function readLines(text: string, reader?: SseReader): void {
    let start = reader && isBetweenEvents(reading) ? reader.lift(text, 0) : 0;
    for (let end = text.indexOf("\n", start); end !== -1; end = text.indexOf("\n", start)) {
      readLine(reading, text.slice(start, end));
      start = end + 1;
      if (!reader || reading.frames.length === 0) continue;
      for (const frame of takeFrames(reading)) reader.push(frame);
      if (isBetweenEvents(reading)) start = reader.lift(text, start);
    }
    rest = text.slice(start);
  }

  function read(bytes: Uint8Array, reader?: SseReader): void {
    const piece = utf8.decode(bytes, streaming);
    const isAfterReturn = endsInReturn;
    if (piece !== "") endsInReturn = piece.endsWith("\r");
    if (!isAfterReturn && !piece.includes("\n") && !piece.includes("\r")) rest += piece;
    else if (!isAfterReturn && !piece.includes("\r")) readLines(rest + piece, reader);
    else {
      const text = rest + piece;
      // A carriage return at the very end may be the first half of a CRLF.
      const half = text.endsWith("\r");
      readLines((half ? text.slice(0, -1) : text).replace(/\r\n?/g, "\n"), reader);
      if (half) rest += "\r";
    }
    if (rest.length > maxSize) throw oversized("a line");
  }

  return {
    push(bytes) {
      read(bytes);
      return takeFrames(reading);
    },
    pass: read,
    end() {
      readLines(`${(rest + utf8.decode()).replace(/\r\n?/g, "\n")}\n\n`);
      rest = "";
      return takeFrames(reading);
    },
  };
}

function takeFrames(reading: Reading): SseFrame[] {
  const { frames } = reading;
  reading.frames = [];
  return frames;
}

const streaming = { stream: true };

function isBetweenEvents({ event, data }: Reading): boolean {
  return event === "" && data.length === 0;
}

/** The event that is being read. */
type Reading = {
  event: string;
  /** The lines of its data. */
  data: string[];
  /** The size of its data, in characters. */
  size: number;
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
    // A line that is a whole JSON text needs no blank line after it.
    if (reading.data.length === 1 && line.endsWith("}") && parseJson(line) !== undefined) dispatch(reading);
    return;
  }
  if (line.startsWith("event:")) reading.event = line.slice(6).trim();
  else if (line.startsWith("error:")) {
    dispatch(reading);
    reading.frames.push({ event: "error", data: line.slice(6).trim() });
  } else if (line.includes(" ") && !/^(id|retry):/.test(line)) reading.frames.push({ event: "", data: line });
}

function addData(reading: Reading, text: string): void {
  // Some servers write the prefix twice.
  const value = text.charCodeAt(0) === 100 ? text.replace(/^(?:data: ?)+/, "") : text;
  if (isWhole(reading.data) && startsNewEvent(value)) dispatch(reading);
  reading.size += value.length + lineCost;
  if (reading.size > maxSize) throw oversized("an event");
  reading.data.push(value);
}

function dispatch(reading: Reading): void {
  const data = reading.data.join("\n");
  if (data !== "") reading.frames.push({ event: reading.event, data });
  reading.event = "";
  reading.data = [];
  reading.size = 0;
  reading.isBare = false;
}

function isWhole(data: readonly string[]): boolean {
  const last = data.at(-1);
  return last !== undefined && (last.endsWith("}") || (last === "[DONE]" && data.length === 1));
}

function startsNewEvent(value: string): boolean {
  return value.startsWith("{") || value === "[DONE]";
}

function oversized(what: string): OversizedEventError {
  return new OversizedEventError(`The limit is ${maxSize} characters for ${what}`);
}
