/**
 * Room `upstream/transport/cassette/`: recorded exchanges: `--record` and `--replay`. Not here: translation; a
 * cassette contains what a backend sent.
 *
 * A cassette is a directory with one JSON file for each question that was asked of a backend, containing the answers
 * in the order in which they came. The files are meant to be read, and to be committed.
 */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod/mini";
import { describeSystemError } from "../../../lib/describe-system-error.ts";
import { isShortage } from "../../../lib/find-shortage.ts";
import { parseJson } from "../../../lib/json.ts";
import { once } from "../../../lib/once.ts";

/** Made when it is needed: a schema costs 20 µs of the start for each of its parts. */
const tape = once(() => {
  /** What `--trace` keeps of an exchange besides its answer, for people who look for a mistake. */
  const trace = z.object({
    /** When the request was sent, in ISO 8601. */
    at: z.string(),
    took_ms: z.number(),
    url: z.string(),
    /** What the client asked, after the proxy had rewritten it for the backend. */
    asked: z.unknown(),
    /** What was sent to the backend. */
    sent: z.unknown(),
    /** How the exchange failed: there was no answer, or it broke off. */
    fault: z.optional(z.string()),
  });
  const take = z.object({
    status: z.int(),
    headers: z.record(z.string(), z.string()),
    /** Each piece of the body, with the time since the previous one, ms. */
    body: z.array(z.tuple([z.number(), z.string()])),
    trace: z.optional(trace),
  });
  return z.object({
    version: z.literal(1),
    question: z.object({
      method: z.enum(["GET", "POST"]),
      endpoint: z.string(),
      model: z.string(),
      conversation: z.array(z.string()),
    }),
    takes: z.array(take).check(z.minLength(1)),
  });
});

type Tape = z.infer<ReturnType<typeof tape>>;
export type Take = Tape["takes"][number];
export type Trace = NonNullable<Take["trace"]>;

/**
 * A directory of recorded exchanges: recorded from the backend, with everything about each exchange, or replayed
 * instead of it.
 */
export type Cassette =
  | { readonly mode: "record" | "trace"; readonly directory: string }
  | { readonly mode: "replay"; readonly directory: string; readonly timed: boolean };

/** A name of a tape, by what it was asked. */
const tapeName = /^[0-9a-f]{20}\.json$/;

/**
 * Checks a directory before any work is done; creates it for recording.
 * @throws Error, worded for the user, if it cannot be used
 */
export function checkDirectory(directory: string, mode: Cassette["mode"]): void {
  const way =
    mode === "replay" ? "record it with --record first" : "choose a directory that you can write to";
  const refuse = (reason: string, cause?: unknown) =>
    new Error(`Cannot use ${directory} for --${mode}: ${reason}; ${way}`, { cause });
  let files: readonly string[];
  try {
    if (mode !== "replay" && !existsSync(directory)) mkdirSync(directory, { recursive: true, mode: 0o700 });
    files = readdirSync(directory);
    accessSync(directory, mode === "replay" ? constants.R_OK : constants.W_OK);
  } catch (thrown) {
    throw refuse(describeSystemError(thrown), thrown);
  }
  if (mode === "replay" && !files.some((file) => tapeName.test(file)))
    throw refuse("it has no recorded answers");
}

/**
 * What was recorded for a question; undefined if there is nothing readable.
 * @throws Error of the system when it allows no further file
 */
export function readTape(directory: string, name: string): Tape | undefined {
  try {
    return tape().safeParse(parseJson(readFileSync(pathOf(directory, name), "utf8"))).data;
  } catch (thrown) {
    if (isShortage(thrown)) throw thrown;
    return undefined;
  }
}

/** Written atomically, for its owner alone: a pipeline may be stopped at any moment, and answers may be private. */
export function writeTape(directory: string, name: string, { question, takes }: Omit<Tape, "version">): void {
  const path = pathOf(directory, name);
  // Another process may write the same file at the same time.
  const part = `${path}.${crypto.randomUUID()}.part`;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(part, `${JSON.stringify({ version: 1, question, takes }, null, 2)}\n`, { mode: 0o600 });
    renameSync(part, path);
  } catch (thrown) {
    rmSync(part, { force: true });
    throw thrown;
  }
}

/**
 * Removes the oldest traces until the directory's tapes have at most `maxBytes`. What `--record` wrote stays, as does
 * every other file.
 */
export function pruneTraces(directory: string, maxBytes: number): void {
  const files = readdirSync(directory)
    .filter((file) => tapeName.test(file))
    .flatMap((file) => {
      // Another process may have removed it.
      const found = statSync(join(directory, file), { throwIfNoEntry: false });
      return found ? [{ file, bytes: found.size, at: found.mtimeMs }] : [];
    });
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { file, bytes } of files.toSorted((one, other) => one.at - other.at)) {
    if (total <= maxBytes) return;
    const takes = readTape(directory, file.replace(/\.json$/, ""))?.takes;
    if (!takes?.some(({ trace }) => trace !== undefined)) continue;
    rmSync(join(directory, file), { force: true });
    total -= bytes;
  }
}

function pathOf(directory: string, name: string): string {
  return join(directory, `${name}.json`);
}
