/** The code of an error of the system or of a connection, `ENOENT`; undefined for anything that has none. */
export function readErrorCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : undefined;
}
