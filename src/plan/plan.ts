/**
 * Every decision about a request, taken once, before any conversion. Dialects and `send` see only the Plan.
 */
import type { Effort, MessagesRequest } from "../anthropic/wire.ts";
import type { Quirks } from "../catalog/quirks.ts";

/** Where the backend is and how it wants to be spoken to; made once from the configuration. */
export type Backend = {
  readonly chatUrl: string;
  readonly modelsUrl: string;
  /** Authentication and the operator's own headers. Secret: never logged. */
  readonly headers: Readonly<Record<string, string>>;
  /** Longest silence before the first byte and between bytes, ms. */
  readonly silenceMs: number;
};

/** What the client wished for: `on` undefined means that it said nothing and the backend's default holds. */
export type Reasoning = {
  readonly on: boolean | undefined;
  readonly effort: Effort | undefined;
  readonly budgetTokens: number | undefined;
};

export type Plan = {
  readonly request: MessagesRequest;
  readonly backend: Backend;
  readonly quirks: Quirks;
  /** The model's name at the backend. `request.model` is the client's, and is echoed. */
  readonly model: string;
  readonly maxTokens: number;
  readonly reasoning: Reasoning;
  /** Blank the reasoning towards the client, keep its signature (`thinking.display: "omitted"`). */
  readonly hideReasoning: boolean;
  /** Groups the requests of one session for the backend's prompt cache. */
  readonly sessionId: string | undefined;
};
