/** Headers, paths and repeats. */

/** A UUID that all requests of a session share, including those of subagents. Seen in 2.1.197 to 2.1.332. */
export const sessionHeader = "x-claude-code-session-id";

/**
 * What kind of request this is: one of `requestClasses`. Only sent when it was asked for with a variable. Seen in
 * 2.1.330, 2.1.332.
 */
export const classHeader = "x-claude-code-request-class";

/** Seen in 2.1.330, 2.1.332. */
export const requestClasses: readonly string[] = [
  "main",
  "subagent",
  "workflow",
  "compaction",
  "auxiliary",
  "side_reply",
];

/** Where it opens a connection before its first request, with `HEAD`. Seen in 2.1.330, 2.1.332; 2.1.197 asks for `/`. */
export const connectionPath = "/api/hello";

/** After a refusal that names a smaller output limit it asks for at least this many tokens. Seen in 2.1.197. */
export const minShrunkOutput = 3000;
