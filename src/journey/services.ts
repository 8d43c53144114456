/**
 * Room `journey/`: the steps of a request that take time or keep state, between a route and the upstream. Not here:
 * paths and methods (`routes/`), or anything in a backend's words.
 *
 * What every route is given: made once when the server starts, and what is known of one visit.
 */

import type { PdfTexts } from "../adapt/documents/pdf-texts.ts";
import type { Catalogue } from "../catalog/models.ts";
import type { Config } from "../config/read-config.ts";
import type { Backend } from "../plan/backend.ts";
import type { TokenCounter } from "../plan/size/tokens.ts";
import type { Log } from "../telemetry/log.ts";
import type { Healing } from "../upstream/attempt/healing.ts";
import type { RetryPace } from "../upstream/attempt/retry.ts";
import type { Sender } from "../upstream/transport/send.ts";
import type { PromptCompressor } from "./compress-prompt.ts";

export type Services = {
  readonly config: Config;
  readonly backend: Backend;
  readonly catalogue: Catalogue;
  readonly tokens: TokenCounter;
  readonly sender: Sender;
  readonly healing: Healing;
  readonly pdfs: PdfTexts;
  readonly compressor: PromptCompressor;
  readonly log: Log;
  readonly pace: Pace;
  /** Reads the backend's model list again if it is old, in the background. */
  readonly refreshModels: () => void;
};

/** How a client is kept waiting, and a backend left in peace, ms. */
export type Pace = RetryPace & {
  /** How long the status line waits for the first fact: an early failure is then a true HTTP status. */
  readonly headersAfter: number;
  /** Silence after which a `ping` leaves. */
  readonly pingAfter: number;
  /** Time without a real event after which an empty delta leaves: pings do not reach every client's watchdog. */
  readonly deltaAfter: number;
  /** How long the summary of a system prompt may take before the request goes on without it. */
  readonly summaryWithin: number;
};

export const defaultPace: Pace = {
  headersAfter: 10_000,
  pingAfter: 15_000,
  deltaAfter: 50_000,
  summaryWithin: 20_000,
  retryAfter: 500,
  maxRetryDelay: 8000,
};

export type Visit = {
  readonly request: Request;
  readonly url: URL;
  readonly requestId: string;
  /** Lets the connection be silent as long as the answer lasts; calling the result ends that. */
  readonly keepOpen: () => () => void;
};
