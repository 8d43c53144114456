/**
 * What every upstream wire format can do. A protocol is pure: it writes a body, and reads facts out of frames.
 * `send.ts` moves the bytes.
 */
import type { ProxyError } from "../errors.ts";
import type { SseFrame } from "../lib/decode-sse.ts";
import type { Plan } from "../plan/plan.ts";
import type { ReplyEvent } from "../reply.ts";
import type { Correction } from "./corrections.ts";
import type { ToolName } from "./tools/choose-tool-names.ts";

export type WrittenRequest = {
  /** JSON text. */
  readonly body: string;
  /** The client's name of a tool, given the name the backend was told. */
  readonly clientToolName: (upstreamName: string) => ToolName;
  /** The text of a trailing assistant message, as sent; empty when there is none. */
  readonly prefill: string;
  /** What was lost or changed on the way, as stable words for the log: `dropped top_k`. */
  readonly notes: readonly string[];
};

/** Reads one reply. Synchronous, no I/O. After `failure` or `end()` it stays silent. */
export type Reader = {
  push(frame: SseFrame): ReplyEvent[];
  /** The bytes ended. Closes what is open; a reply without a finish reason ends in `failure`. */
  end(): ReplyEvent[];
  /** `finished`: a finish reason came, usage may follow. `done`: nothing that follows matters. */
  readonly state: "reading" | "finished" | "done";
};

export type Protocol = {
  writeRequest(plan: Plan, corrections: readonly Correction[]): WrittenRequest;
  createReader(plan: Plan, written: WrittenRequest): Reader;
  /** A whole answer in one JSON body. A 200 body that holds an error yields `failure`. */
  readMessage(body: string, plan: Plan, written: WrittenRequest): ReplyEvent[];
  /** The client's rate-limit headers for those of a good answer; errors bring theirs along. */
  readLimits(headers: Headers): Readonly<Record<string, string>>;
  readError(status: number, headers: Headers, body: string, plan: Plan): ProxyError;
  /**
   * The one change to what was sent that the error asks for, where it refuses something that can do without. Takes
   * errors of this protocol's own readers; undefined for all others, and when the change would change nothing.
   */
  findCorrection(error: ProxyError, plan: Plan, written: WrittenRequest): Correction | undefined;
};
