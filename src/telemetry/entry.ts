/** What is kept about one message for the page, `top`, the usage and traces: names, numbers and times, no content. */

/** What is known when it begins. */
export type MessageStart = {
  readonly id: string;
  /** Unix time, ms. */
  readonly startedAt: number;
  /** The name of the client's key; undefined for a key without one. */
  readonly client?: string | undefined;
  readonly session?: string | undefined;
  /** What the client calls the kind of the request. */
  readonly class?: string | undefined;
  /** The model's name in the request. */
  readonly asked: string;
  /** The backend's name of the model. */
  readonly model: string;
  /** Host and port. */
  readonly backend: string;
  readonly stream: boolean;
};

/** A message that has ended. */
export type MessageEntry = MessageStart & {
  /** The HTTP status that belongs to its end; 499 if the client left. */
  readonly status: number;
  /** Undefined unless it failed. */
  readonly error?: string | undefined;
  /** In the words of Anthropic's API. */
  readonly stopReason?: string | undefined;
  readonly tookMs: number;
  /** Undefined without a token. */
  readonly firstTokenMs?: number | undefined;
  /** Tokens of the prompt, those included that were read from a cache or written to one. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** US dollars; undefined if neither the backend nor its prices tell. */
  readonly costUsd?: number | undefined;
  /** How often it was sent to the backend again. */
  readonly retries: number;
  /** What was changed because a backend refused it. */
  readonly healed: readonly string[];
};

/** Characters of a name that a client has chosen. */
const maxNameLength = 200;

export function cutName(name: string): string {
  return name.length > maxNameLength ? `${name.slice(0, maxNameLength)}…` : name;
}
