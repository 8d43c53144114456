/**
 * Room `upstream/anthropic-messages/reply/`: bytes that pass to the client, and facts about them. Not here: the grammar
 * of blocks, which is the backend's.
 *
 * Passes the events of a stream on, byte by byte, and reads those that begin, end or break off the message. An event is
 * passed when all of it has come. What comes before the first block is held back until then: up to there the reply may
 * still fail, and another backend may be asked.
 */
import { ProxyError } from "../../../errors.ts";
import { asBuffer } from "../../../lib/as-buffer.ts";
import { newline } from "../../../lib/character-codes.ts";
import { OversizedEventError } from "../../../lib/decode-sse.ts";
import { findStrings } from "../../../lib/find-strings.ts";
import { isObject, type JsonObject, parseJson } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { ReplyEvent } from "../../../reply.ts";
import type { ByteReader } from "../../protocol.ts";
import { readErrorFrame } from "../../refusal/read-error.ts";
import { mergeUsage, readNativeUsage, readStop } from "./read-outcome.ts";

/** The longest event, bytes: a page that was fetched is one. */
const maxEventBytes = 32 * 1024 * 1024;

/** The types of the events that are read contain one of these. */
const notableWords = ["message_", "error"].map((word) => Buffer.from(word));

const blankLine = Buffer.from("\n\n");
const windowsBlankLine = Buffer.from("\r\n\r\n");

type Passed = ReplyEvent & { type: "passed" };

export function createPassingReader(plan: Plan): ByteReader {
  const events = createEventCutter();
  const state: PassingState = { plan, opening: [], hasBegun: false, usage: {}, phase: "reading" };

  function pass(bytes: Buffer | undefined): ReplyEvent[] {
    if (!bytes) return [];
    return state.hasBegun && !isNotable(bytes) ? [{ type: "passed", bytes }] : passEach(state, bytes);
  }

  /** Events mean nothing to a client that waits for one message. */
  function refuse(): ReplyEvent[] {
    state.phase = "done";
    const message = "The backend sent a stream, which the request did not ask for";
    return [{ type: "failure", error: new ProxyError("upstream", message) }];
  }

  return {
    read: (bytes) => (plan.request.stream === true ? pass(events.push(bytes)) : refuse()),
    take: () => [],
    end() {
      const rest = events.end();
      const facts =
        rest && state.phase !== "done" && readData(rest).type ? pass(Buffer.concat([rest, blankLine])) : [];
      return [...facts, ...closing(state)];
    },
    get state() {
      return state.phase;
    },
  };
}

/** What a stream lacks that ends without its last event. */
function closing(state: PassingState): ReplyEvent[] {
  switch (state.phase) {
    case "done":
      return [];
    case "finished":
      return [
        { type: "passed", bytes: Buffer.from('event: message_stop\ndata: {"type":"message_stop"}\n\n') },
      ];
    case "reading": {
      const message = "The backend ended its answer without a stop reason";
      return [{ type: "failure", error: new ProxyError("upstream", message) }];
    }
    default:
      return state.phase satisfies never;
  }
}

type PassingState = {
  readonly plan: Plan;
  /** What came before the first block. */
  opening: Passed[];
  hasBegun: boolean;
  usage: JsonObject;
  phase: ByteReader["state"];
};

function isNotable(bytes: Buffer): boolean {
  return notableWords.some((word) => bytes.includes(word));
}

/** @param bytes whole events */
function passEach(state: PassingState, bytes: Buffer): ReplyEvent[] {
  const facts: ReplyEvent[] = [];
  const ending = bytes.includes(windowsBlankLine) ? findEnd : findUnixEnd;
  /** Where the events begin of which nothing has to be read. */
  let plain = 0;
  const passPlain = (to: number) => {
    if (to > plain) facts.push({ type: "passed", bytes: bytes.subarray(plain, to) });
  };
  for (let from = 0; from < bytes.length && state.phase !== "done"; ) {
    const to = ending(bytes, from) ?? bytes.length;
    const event = bytes.subarray(from, to);
    if (!state.hasBegun || isNotable(event)) {
      passPlain(from);
      passOne(state, event, facts);
      plain = to;
    }
    from = to;
  }
  if (state.phase !== "done") passPlain(bytes.length);
  return facts;
}

function passOne(state: PassingState, event: Buffer, facts: ReplyEvent[]): void {
  const data = readData(event);
  switch (data.type) {
    case "message_start": {
      const message = isObject(data.message) ? data.message : {};
      if (isObject(message.usage)) state.usage = mergeUsage(state.usage, message.usage);
      const opens: Passed = { type: "passed", bytes: nameModel(state.plan, event, message), opens: true };
      if (state.hasBegun) facts.push(opens);
      else state.opening.push(opens);
      return;
    }
    case "ping":
    case undefined:
      if (state.hasBegun) facts.push({ type: "passed", bytes: event });
      else state.opening.push({ type: "passed", bytes: event });
      return;
    case "error":
      state.phase = "done";
      facts.push({ type: "failure", error: readErrorFrame(data, state.plan) });
      return;
  }
  if (!state.hasBegun) {
    state.hasBegun = true;
    for (const held of state.opening) facts.push(held);
    state.opening = [];
  }
  facts.push({ type: "passed", bytes: event });
  if (data.type === "message_delta") {
    if (isObject(data.usage)) state.usage = mergeUsage(state.usage, data.usage);
    facts.push({ type: "usage", usage: readNativeUsage(state.usage) });
    if (isObject(data.delta) && typeof data.delta.stop_reason === "string") {
      state.phase = "finished";
      facts.push(readStop(data.delta));
    }
  }
  if (data.type === "message_stop") state.phase = "done";
}

/** The JSON of an event, which a comment has not. */
function readData(event: Buffer): JsonObject {
  const text = event.toString();
  const lines = text.split(/\r?\n/).flatMap((one) => (one.startsWith("data:") ? [one.slice(5)] : []));
  const data = parseJson(lines.join("\n"));
  return isObject(data) ? data : {};
}

/** The event with the name of the model that the client knows. */
function nameModel({ model, request }: Plan, event: Buffer, message: JsonObject): Buffer {
  if (model === request.model || typeof message.model !== "string") return event;
  // One letter a byte, so that places in the text are places in the bytes.
  const text = event.toString("latin1");
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const span of findStrings(text, ["message", "model"])) {
    parts.push(event.subarray(from, span.from), Buffer.from(JSON.stringify(request.model)));
    from = span.to;
  }
  return Buffer.concat([...parts, event.subarray(from)]);
}

/** Cuts a stream after its events, wherever its reads end. */
function createEventCutter() {
  /** The beginning of an event. */
  let held: Uint8Array[] = [];
  let size = 0;

  function take(rest?: Buffer): Buffer {
    const taken = held.length === 0 && rest ? rest : Buffer.concat(rest ? [...held, rest] : held);
    held = [];
    size = 0;
    return taken;
  }

  return {
    /** The events that are whole now, if there are any. */
    push(bytes: Uint8Array): Buffer | undefined {
      const read = asBuffer(bytes);
      // Nearly always, a read is whole events.
      if (size === 0 && endsEvent(read)) return read;
      // The end of an event may have come in two reads.
      const before = size === 0 ? 0 : Math.min(size, windowsBlankLine.length - 1);
      const seen =
        before === 0
          ? read
          : Buffer.concat([Buffer.concat(held.slice(-windowsBlankLine.length)).subarray(-before), read]);
      const end = findLastEnd(seen);
      if (end === undefined) {
        held.push(read);
        size += read.length;
        if (size > maxEventBytes)
          throw new OversizedEventError(`The limit is ${maxEventBytes} bytes for an event`);
        return undefined;
      }
      const at = end - before;
      const whole = take(read.subarray(0, at));
      if (at < read.length) {
        const rest = read.subarray(at);
        // The next read may be minutes away, and what is short would keep the bytes of this one until then.
        held.push(rest.length < at ? new Uint8Array(rest) : rest);
        size = rest.length;
      }
      return whole;
    },
    /** The rest, which may be an event without its blank line. */
    end: () => (size === 0 ? undefined : take()),
  };
}

/** Where the event ends that begins at `from`. */
function findEnd(bytes: Buffer, from: number): number | undefined {
  const windows = bytes.indexOf(windowsBlankLine, from);
  const unix = findUnixEnd(bytes, from);
  if (windows === -1) return unix;
  return Math.min(windows + windowsBlankLine.length, unix ?? Number.POSITIVE_INFINITY);
}

function findUnixEnd(bytes: Buffer, from: number): number | undefined {
  const unix = bytes.indexOf(blankLine, from);
  return unix === -1 ? undefined : unix + blankLine.length;
}

function endsEvent(bytes: Buffer): boolean {
  return bytes[bytes.length - 1] === newline && bytes[bytes.length - 2] === newline;
}

/** Where the last whole event ends. */
function findLastEnd(bytes: Buffer): number | undefined {
  const unix = bytes.lastIndexOf(blankLine);
  const end = unix === -1 ? -1 : unix + blankLine.length;
  if (end === bytes.length) return end;
  const windows = bytes.lastIndexOf(windowsBlankLine);
  const last = Math.max(end, windows === -1 ? -1 : windows + windowsBlankLine.length);
  return last === -1 ? undefined : last;
}
