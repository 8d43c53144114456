/**
 * What every upstream wire format can do. A protocol is pure: it writes a body, and reads facts from frames. `send.ts`
 * moves the bytes.
 */
import type { ProxyError } from "../errors.ts";
import type { SseFrame } from "../lib/decode-sse.ts";
import type { LongText } from "../lib/long-text.ts";
import type { Plan } from "../plan/plan.ts";
import type { ReplyEvent } from "../reply.ts";
import type { Correction } from "./corrections.ts";
import type { ToolName } from "./tools/choose-tool-names.ts";

export type WrittenRequest = {
  /** JSON text. */
  readonly body: string | LongText;
  /** Headers of this request besides those of its backend. May be secret. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The client's name of a tool, given the name sent to the backend. */
  readonly clientToolName: (upstreamName: string) => ToolName;
  /** The text of a trailing assistant message, as sent; empty if there is none. */
  readonly prefill: string;
  /** What was lost or changed in the conversion, in fixed words for the log: `left out top_k`. */
  readonly notes: readonly string[];
};

/** Reads one reply. Synchronous, no I/O. Emits nothing after `failure` or `end()`. */
export type Reader = {
  push(frame: SseFrame): ReplyEvent[];
  /** Reads the usual events that begin at a place in a text, all at once; returns where they end. */
  lift(text: string, from: number): number;
  /** The facts that were lifted since the last ones were returned. */
  take(): ReplyEvent[];
  /** The body has ended. Closes what is open; a reply without a finish reason ends in `failure`. */
  end(): ReplyEvent[];
  /** `finished`: a finish reason came, usage may follow. `done`: nothing that follows matters. */
  readonly state: "reading" | "finished" | "done";
};

/** Reads the bytes of one reply. */
export type ByteReader = Pick<Reader, "take" | "end" | "state"> & {
  /**
   * The bytes are the reader's from now on.
   * @throws OversizedEventError
   */
  read(bytes: Uint8Array): ReplyEvent[];
};

type CommonProtocol = {
  /** @param corrections of the body; the plan knows already what they say about its decisions */
  writeRequest(plan: Plan, corrections: readonly Correction[]): WrittenRequest;
  /**
   * Reads a complete answer. A 200 body that contains an error yields `failure`.
   *
   * @param json the parsed body; undefined if it is not JSON
   */
  readMessage(json: unknown, body: string, plan: Plan, written: WrittenRequest): ReplyEvent[];
  /** Rate-limit headers for the client of a successful answer; errors carry their own. */
  readLimits(headers: Headers): Readonly<Record<string, string>>;
  readError(status: number, headers: Headers, body: string, plan: Plan): ProxyError;
};

/** Converts every reply. */
export type ConvertingProtocol = CommonProtocol & {
  readonly passes?: undefined;
  createReader(plan: Plan, written: WrittenRequest): Reader;
};

/** Passes replies on as they are, and reads in passing what they say. */
export type PassingProtocol = CommonProtocol & {
  readonly passes: true;
  createReader(plan: Plan): ByteReader;
};

export type Protocol = ConvertingProtocol | PassingProtocol;
