/**
 * Room `journey/`: the steps of a request that take time or keep state, between a route and the upstream. Not here:
 * paths and methods (`routes/`), or anything in a backend's own format.
 *
 * What every route gets: services made once when the server starts, and facts about one request.
 */

import type { PdfTexts } from "../adapt/documents/pdf-texts.ts";
import type { KnownParts } from "../anthropic/known-parts.ts";
import type { SearchService } from "../catalog/search-apis.ts";
import type { Config } from "../config/read-config.ts";
import type { Budget } from "../lib/budget.ts";
import type { Stopper } from "../lib/stop.ts";
import type { Sites } from "../plan/create-sites.ts";
import type { Tier } from "../plan/map-model.ts";
import type { RouteTable } from "../plan/route-table.ts";
import type { TokenCounter } from "../plan/size/tokens.ts";
import type { Journal } from "../telemetry/journal.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Peers } from "../telemetry/peers.ts";
import type { UsageStore } from "../telemetry/usage/store.ts";
import type { Healing } from "../upstream/attempt/remember-corrections.ts";
import type { RetryPace } from "../upstream/attempt/retry.ts";
import type { Sender } from "../upstream/transport/send.ts";
import type { PromptCompressor } from "./compress-prompt.ts";
import type { ImageDescriber } from "./describe-images.ts";
import type { Drain } from "./drain.ts";
import type { TelemetryExport } from "./export-telemetry.ts";
import type { SpendingLimit } from "./limit-spending.ts";
import type { KeyHeader } from "./read-caller.ts";
import type { Slots } from "./share-slots.ts";
import type { Health } from "./track-health.ts";

export type Services = {
  readonly config: Config;
  readonly sites: Sites;
  readonly routes: RouteTable;
  readonly health: Health;
  readonly spending: SpendingLimit;
  readonly slots: Slots;
  readonly tokens: TokenCounter;
  readonly sender: Sender;
  readonly healing: Healing;
  /** Memory for the bodies of all requests, bytes. */
  readonly bodies: Budget;
  /** What earlier requests contained. */
  readonly parts: KnownParts;
  readonly pdfs: PdfTexts;
  /** Undefined if system prompts are sent as they are. */
  readonly compressor?: PromptCompressor | undefined;
  /** Undefined without VISION_MODEL. */
  readonly describer?: ImageDescriber | undefined;
  readonly log: Log;
  readonly journal: Journal;
  /** A row for each message; undefined if none are kept. */
  readonly usage?: UsageStore | undefined;
  /** Tells a collector; undefined if there is none. */
  readonly exporter?: TelemetryExport | undefined;
  readonly pace: Pace;
  /** Tiers that Claude Code's picker shows by itself, with their models: its environment says so. */
  readonly shownTiers: readonly Tier[];
  readonly drain: Drain;
  readonly metrics: Metrics;
  /** All processes of this proxy. */
  readonly peers: Peers;
  /** The operator's; undefined if there is none. */
  readonly searchService?: SearchService | undefined;
  /** Told the model of every message. */
  readonly noticeModel: (name: string) => void;
  /** The services now in force, for what outlives a request and may see a reload. */
  readonly latest: () => Services;
  /** The services for another configuration of backends and routes; what is known of the others is kept. */
  readonly reroute: (config: Config) => Services;
  /** Refreshes the backends' model lists in the background where they are old. */
  readonly refreshModels: () => void;
};

/** Delays and time limits, ms. */
export type Pace = RetryPace & {
  /** How long the status line waits for the first fact, so that an early failure still gets a proper HTTP status. */
  readonly headersAfter: number;
  /** Silence after which a `ping` is sent. */
  readonly pingAfter: number;
  /** Time without a real event after which an empty delta is sent, because some clients' watchdogs ignore pings. */
  readonly deltaAfter: number;
  /** How long the summary of a system prompt may take before the request goes on without it. */
  readonly summaryWithin: number;
  /** How long the descriptions of a request's images may take before it goes on without the rest. */
  readonly descriptionsWithin: number;
  /** How long the body of a request may take to arrive; below the idle time after which Bun closes without a word. */
  readonly bodyWithin: number;
};

export const defaultPace: Pace = {
  headersAfter: 10_000,
  pingAfter: 15_000,
  deltaAfter: 50_000,
  summaryWithin: 20_000,
  descriptionsWithin: 60_000,
  bodyWithin: 100_000,
  firstRetryDelay: 500,
  maxRetryDelay: 8000,
};

export type RequestContext = {
  readonly request: Request;
  readonly url: URL;
  readonly requestId: string;
  /** Of a client whose key has a name. */
  readonly clientName?: string | undefined;
  /** The headers that hold a key of this proxy. */
  readonly keyHeaders?: readonly KeyHeader[] | undefined;
  /** Disables the idle timeout of the connection while an answer lasts; call the result to restore it. */
  readonly keepOpen: () => () => void;
  /** Stops the work for the request: aborted, with a ProxyError as its reason, when the proxy must stop now. */
  readonly call: Stopper;
};
