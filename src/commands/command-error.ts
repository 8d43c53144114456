import { exits } from "./exit-codes.ts";

/** A command that cannot be started. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;

  constructor(program: string, isThere: boolean, cause?: unknown) {
    const problem = isThere
      ? "it is not executable; check its mode, file type and first line"
      : "there is no such program";
    super(`Cannot run ${program}: ${problem}`, { cause });
    this.exitCode = (isThere ? exits.notExecutable : exits.notFound).code;
  }
}
