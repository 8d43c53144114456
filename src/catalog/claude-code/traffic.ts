/** Headers, paths and repeats. */

/** A UUID that all requests of a session share, including those of subagents. Seen in 2.1.197 to 2.1.332. */
export const sessionHeader = "x-claude-code-session-id";

/**
 * What kind of request this is: one of `requestClasses`. Only sent when it was asked for with a variable. Seen in
 * 2.1.330, 2.1.332.
 */
const classHeader = "x-claude-code-request-class";

/** Seen in 2.1.330, 2.1.332. */
export const requestClasses: readonly string[] = [
  "main",
  "subagent",
  "workflow",
  "compaction",
  "auxiliary",
  "side_reply",
];

/** The type of a subagent: `Explore`, `general-purpose`, a user's own. Sent like the class. Seen in 2.1.330, 2.1.332. */
const agentHeader = "x-claude-code-agent-type";

/** What the client says of a request besides its model; undefined where it says nothing. */
export type Hints = {
  readonly agentType: string | undefined;
  /** One of `requestClasses`, as far as they are known. */
  readonly requestClass: string | undefined;
};

export function readHints(headers: Headers): Hints {
  return {
    agentType: headers.get(agentHeader) ?? undefined,
    requestClass: headers.get(classHeader) ?? undefined,
  };
}

/** Where it opens a connection before its first request, with `HEAD`. Seen in 2.1.330, 2.1.332; 2.1.197 asks for `/`. */
export const connectionPath = "/api/hello";

/** After a refusal that names a smaller output limit it asks for at least this many tokens. Seen in 2.1.197. */
export const minShrunkOutput = 3000;

/** What it says of itself and its request beside the API's own headers. Seen in 2.1.197 to 2.1.332. */
export const clientHeaders =
  /^(?:user-agent|x-app|x-stainless-.+|x-claude-code-.+|anthropic-dangerous-direct-browser-access)$/;
