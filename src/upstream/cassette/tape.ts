/**
 * A cassette: a directory with one JSON file for each question that was asked of a backend, and in it the answers in
 * the order in which they came. Files are meant to be read, and kept in a repository.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parseJson } from "../../lib/json.ts";

const take = z.object({
  status: z.number().int(),
  headers: z.record(z.string(), z.string()),
  /** Each piece of the body with the time since the one before, ms. */
  body: z.array(z.tuple([z.number(), z.string()])),
});
const tape = z.object({
  version: z.literal(1),
  question: z.object({
    method: z.enum(["GET", "POST"]),
    endpoint: z.string(),
    model: z.string(),
    conversation: z.array(z.string()),
  }),
  takes: z.array(take).min(1),
});

export type Take = z.infer<typeof take>;
export type Tape = z.infer<typeof tape>;

/** What was recorded under a question's name; undefined where there is nothing that can be read. */
export function readTape(directory: string, name: string): Tape | undefined {
  try {
    return tape.safeParse(parseJson(readFileSync(pathOf(directory, name), "utf8"))).data;
  } catch {
    return undefined;
  }
}

/** Written whole or not at all: a pipeline may be stopped at any moment. */
export function writeTape(directory: string, name: string, { question, takes }: Omit<Tape, "version">): void {
  mkdirSync(directory, { recursive: true });
  const path = pathOf(directory, name);
  writeFileSync(`${path}.part`, `${JSON.stringify({ version: 1, question, takes }, null, 2)}\n`);
  renameSync(`${path}.part`, path);
}

function pathOf(directory: string, name: string): string {
  return join(directory, `${name}.json`);
}
