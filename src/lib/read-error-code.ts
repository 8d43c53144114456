/** The code of a system or connection error, such as `ENOENT`; undefined if it has none. */
export function readErrorCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : undefined;
}
