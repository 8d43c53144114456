/** Headers and repeats. */

/** A UUID that all requests of a session share, including those of subagents. Seen in 2.1.197 to 2.1.332. */
export const sessionHeader = "x-claude-code-session-id";

/** After a refusal that names a smaller output limit it asks for at least this many tokens. Seen in 2.1.197. */
export const minShrunkOutput = 3000;
