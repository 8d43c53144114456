/** What prevents a start, one line per problem, with secrets masked. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];
  /** There is no backend key; the caller explains how to continue. */
  readonly keyMissing: boolean;

  constructor(problems: readonly string[], keyMissing = false) {
    const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
    // Values and paths may come from someone else, and must not steer the terminal.
    const lines = problems.map((problem) => problem.replace(/\p{Cc}/gu, " "));
    super([`Cannot start: the configuration has ${count}`, ...lines].join("\n  "));
    this.problems = problems;
    this.keyMissing = keyMissing;
  }
}
