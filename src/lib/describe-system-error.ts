/** The words of a system error, `no such file or directory`, without code and path; any other error's message. */
export function describeSystemError(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return /^E[A-Z0-9]+: ([^,]+), /.exec(message)?.[1] ?? message;
}
