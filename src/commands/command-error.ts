import { exits } from "./exit-codes.ts";

/** A command that `run` cannot start, worded for the user. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;

  constructor(message: string, exit: (typeof exits)[keyof typeof exits], cause?: unknown) {
    super(message, { cause });
    this.exitCode = exit.code;
  }
}

/** @param advice how to get the program, if that is known */
export function explainMissing(program: string, advice?: string): CommandError {
  const words = ["there is no such program", ...(advice === undefined ? [] : [advice])].join("; ");
  return new CommandError(`Cannot run ${program}: ${words}`, exits.notFound);
}

export function explainUnusable(program: string, cause?: unknown): CommandError {
  const words = "it is not executable; check its mode, file type and first line";
  return new CommandError(`Cannot run ${program}: ${words}`, exits.notExecutable, cause);
}
