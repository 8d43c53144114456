/** Names of models, and what Claude Code assumes about them. */

/** The word that every full name contains, in any release; the aliases are these words. Seen in 2.1.197 to 2.1.332. */
export type Family = "opus" | "sonnet" | "haiku";

/** A fourth family, above opus: `fable` sends `claude-fable-5-2`. Seen in 2.1.332. */
export const largestFamily = "fable";

/** A name of each family that all releases know, and so say nothing about on stderr. Seen in 2.1.197, 2.1.332. */
export const knownNames = {
  opus: "claude-opus-4-8",
  sonnet: "claude-sonnet-4-6",
  haiku: "claude-haiku-4-5",
} as const satisfies Record<Family, string>;

/**
 * The model picker drops ids that do not begin with this or `anthropic`. Seen in 2.1.197; 2.1.332 takes the words
 * anywhere.
 */
export const pickerPrefix = "claude";

/** At the end of a name: assume a window of `markedWindow`. Removed before sending. Seen in 2.1.197 to 2.1.332. */
export const windowMark = "[1m]";

/** Tokens; with some providers a million is a little more, never less. Seen in 2.1.197 to 2.1.332. */
export const markedWindow = 1_000_000;

/** Tokens of the smallest session, `-p hi` without any MCP server. Seen in 2.1.332. */
export const smallestSession = 12_000;

/**
 * The window below which no work can be done, tokens: such a session, and some room to read and to answer. Seen in
 * 2.1.332.
 */
export const smallestWindow = 16_000;

/** The window it assumes for most names, tokens. Seen in 2.1.197 to 2.1.332. */
export const usualWindow = 200_000;

/** The `max_tokens` of an unknown name. Seen in 2.1.197 to 2.1.332. */
export const unknownModelOutput = 32_000;
