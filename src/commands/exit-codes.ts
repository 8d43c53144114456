/** The exit codes, as one table. */

type Exit = {
  readonly code: number;
  /** With `code` marked as in Markdown. */
  readonly about: string;
};

export const exits = {
  success: { code: 0, about: "Success" },
  failed: { code: 1, about: "Failure while running" },
  usage: { code: 2, about: "Usage error" },
  config: { code: 78, about: "Configuration error" },
  interrupted: {
    code: 130,
    about:
      "Stopped by a second SIGINT, or `SHUTDOWN_GRACE` seconds after the first, before all answers were finished",
  },
  terminated: {
    code: 143,
    about:
      "Stopped by a second SIGTERM, or `SHUTDOWN_GRACE` seconds after the first, before all answers were finished",
  },
  notExecutable: { code: 126, about: "`run`: the command is not executable" },
  notFound: { code: 127, about: "`run`: the command is not found" },
} as const satisfies Readonly<Record<string, Exit>>;

/** Code and meaning of every exit. */
export const exitRows: readonly (readonly [code: string, about: string])[] = [
  ...Object.values(exits).map(({ code, about }) => [String(code), about] as const),
  ["others", "`run`: the command's own exit code, or 128 plus the number of the signal that ended it"],
];
