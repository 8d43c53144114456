/**
 * Decodes server-sent events from bytes. Knows the format, and how real servers deviate from it; nothing of the
 * domain.
 */
import { space } from "./character-codes.ts";
import { copyText } from "./copy-text.ts";
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
  /** May read the text itself, from where an event begins; returns where it stopped, or `from`. */
  lift(text: string, from: number): number;
};

/**
 * Decodes a stream of bytes that may be split anywhere, even inside a UTF-8 sequence or a line ending. Drops comments,
 * ids and retry hints. Beyond the WHATWG rules it reads what real servers send: events with no blank line between
 * them, JSON or HTML without `data:`, llama.cpp's `error: {…}` lines, and plain sentences.
 */
export class SseDecoder {
  /** Keeps the first bytes of a character that a read has cut; undefined if none is. */
  #cut: TextDecoder | undefined;
  /** The last line, as far as it came. Looking at all of it again for each piece would be quadratic. */
  #rest = "";
  #endsInReturn = false;
  #hasBegun = false;
  /** Of the event that is being read: its name, the lines of its data, and their size in characters. */
  #event = "";
  #data: string[] = [];
  #size = 0;
  /** Its data came without `data:`, and so do its further lines. */
  #isBare = false;
  /** The events that are whole. */
  #frames: SseFrame[] = [];

  /** @throws OversizedEventError */
  push(bytes: Uint8Array): SseFrame[] {
    this.#read(this.#decode(bytes));
    return this.#takeFrames();
  }

  /**
   * The same, for a reader.
   * @throws OversizedEventError
   */
  pass(bytes: Uint8Array, reader: SseReader): void {
    const text = this.#decode(bytes);
    // Most reads are whole events that the reader takes itself; then nothing else has to look at the text.
    const end = this.#rest === "" && this.#isBetweenEvents ? reader.lift(text, 0) : 0;
    this.#hasBegun ||= end > 0;
    if (end < text.length) this.#read(text.slice(end), reader);
  }

  /** Ends the stream: an unfinished event comes out as a frame. */
  end(): SseFrame[] {
    const text = this.#rest + (this.#cut?.decode() ?? "");
    this.#readLines(`${text.replace(/\r\n?/g, "\n")}\n\n`, 0);
    this.#rest = "";
    return this.#takeFrames();
  }

  /** Only a cut character needs a decoder that keeps something between reads: it takes three times as long. */
  #decode(bytes: Uint8Array): string {
    const isCut = (bytes.at(-1) ?? 0) > 0x7f;
    if (!isCut && !this.#cut) return utf8.decode(bytes);
    this.#cut ??= new TextDecoder("utf-8", { ignoreBOM: true });
    const text = this.#cut.decode(bytes, { stream: true });
    if (!isCut && bytes.length > 0) this.#cut = undefined;
    return text;
  }

  #read(piece: string, reader?: SseReader): void {
    const isAfterReturn = this.#endsInReturn;
    if (piece !== "") this.#endsInReturn = piece.endsWith("\r");
    if (!isAfterReturn && !piece.includes("\n") && !piece.includes("\r")) this.#rest += piece;
    else if (!isAfterReturn && !piece.includes("\r")) this.#continue(piece, reader);
    else {
      const text = this.#rest + piece;
      // A carriage return at the very end may be the first half of a CRLF.
      const half = text.endsWith("\r");
      this.#readText((half ? text.slice(0, -1) : text).replace(/\r\n?/g, "\n"), reader);
      if (half) this.#rest += "\r";
    }
    if (this.#rest.length > maxSize) throw oversized("a line");
  }

  /** Adds to the rest only the end of the event that was cut: joining long texts copies them. */
  #continue(piece: string, reader?: SseReader): void {
    if (this.#rest === "") return this.#readLines(piece, 0, reader);
    const end = piece.indexOf("\n\n") + 2;
    const isLonger = end >= 2 && end < piece.length;
    if (isLonger) this.#readText(this.#rest + piece.slice(0, end), reader);
    this.#readText(isLonger ? piece.slice(end) : this.#rest + piece, reader);
  }

  /** Offers the text to the reader first. */
  #readText(text: string, reader?: SseReader): void {
    const start = reader && this.#isBetweenEvents ? reader.lift(text, 0) : 0;
    this.#readLines(text, start, reader);
  }

  #readLines(text: string, from: number, reader?: SseReader): void {
    let start = from;
    if (!this.#hasBegun && text.startsWith(byteOrderMark)) start = byteOrderMark.length;
    this.#hasBegun = true;
    for (let end = text.indexOf("\n", start); end !== -1; end = text.indexOf("\n", start)) {
      this.#readLine(text.slice(start, end));
      start = end + 1;
      if (!reader || this.#frames.length === 0) continue;
      for (const frame of this.#takeFrames()) reader.push(frame);
      if (this.#isBetweenEvents) start = reader.lift(text, start);
    }
    const rest = text.slice(start);
    // The next read may be minutes away, and what is short would keep the text of this one until then.
    this.#rest = rest.length < start ? copyText(rest) : rest;
  }

  get #isBetweenEvents(): boolean {
    return this.#event === "" && this.#data.length === 0;
  }

  #takeFrames(): SseFrame[] {
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }

  #readLine(line: string): void {
    if (line === "") return this.#dispatch();
    if (line.startsWith("data:")) return this.#addData(line.slice(line.charCodeAt(5) === space ? 6 : 5));
    if (line.startsWith(":")) return;
    if (this.#isBare || /^[{[<]/.test(line)) {
      this.#addData(line);
      this.#isBare = true;
      // A line that is a whole JSON text needs no blank line after it.
      if (this.#data.length === 1 && line.endsWith("}") && parseJson(line) !== undefined) this.#dispatch();
      return;
    }
    if (line.startsWith("event:")) this.#event = line.slice(6).trim();
    else if (line.startsWith("error:")) {
      this.#dispatch();
      this.#frames.push({ event: "error", data: line.slice(6).trim() });
    } else if (line.includes(" ") && !/^(id|retry):/.test(line)) this.#frames.push({ event: "", data: line });
  }

  #addData(text: string): void {
    // Some servers write the prefix twice.
    const value = text.charCodeAt(0) === 100 ? text.replace(/^(?:data: ?)+/, "") : text;
    if (isWhole(this.#data) && startsNewEvent(value)) this.#dispatch();
    this.#size += value.length + lineCost;
    if (this.#size > maxSize) throw oversized("an event");
    this.#data.push(value);
  }

  #dispatch(): void {
    const data = this.#data.join("\n");
    if (data !== "") this.#frames.push({ event: this.#event, data });
    this.#event = "";
    this.#data = [];
    this.#size = 0;
    this.#isBare = false;
  }
}

/** Decodes each read by itself. A byte order mark may be left out at the start of the stream, but not of each read. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const byteOrderMark = "\uFEFF";

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
