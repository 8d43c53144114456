/** Where a key was looked for. */
export type MissingKey = {
  /** The `.env` files that were looked for. */
  readonly searched: readonly string[];
  /** A `.env` in the working directory that sets our variables, but is not read. */
  readonly passedOver: string | undefined;
};

/** What prevents a start, one line per problem, with secrets masked. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];
  /** There is no backend key; the caller explains how to continue. */
  readonly keyMissing: MissingKey | undefined;

  constructor(problems: readonly string[], keyMissing?: MissingKey) {
    const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
    // Values and paths may come from someone else, and must not steer the terminal.
    const lines = problems.map((problem) => problem.replace(/\p{Cc}/gu, " "));
    super([`Cannot start: the configuration has ${count}`, ...lines].join("\n  "));
    this.problems = problems;
    this.keyMissing = keyMissing;
  }
}
