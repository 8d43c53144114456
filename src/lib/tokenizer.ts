/**
 * OpenAI's tokenizers, as `tiktoken` defines them: a pattern splits the text into pieces, and byte pairs are merged
 * within each piece. A vocabulary is loaded on first use. Long texts are counted with pauses, so that other requests
 * can run.
 */
import { createPieceCounter } from "./count-byte-pairs.ts";
import { letOthersRun } from "./let-others-run.ts";
import { openVocabulary } from "./vocabularies/pack-vocabulary.ts";

export type Encoding = "o200k" | "cl100k";

type Counter = { readonly pattern: RegExp; readonly countPiece: (piece: string) => number };

/** Characters counted between two pauses: half a millisecond of work, ten while the code is cold. */
const windowLength = 4096;

/** Beyond this many characters a sample is counted; no context window holds that much. */
const countedLength = 1_048_576;

/** English contractions; tiktoken matches them in any case. */
const ending = "'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])";
const upper = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
const lower = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
const lead = "[^\\r\\n\\p{L}\\p{N}]?";
const space = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const encodings: Readonly<Record<Encoding, { pattern: string; file: () => Promise<{ default: string }> }>> = {
  o200k: {
    pattern: `${lead}${upper}*${lower}+(?:${ending})?|${lead}${upper}+${lower}*(?:${ending})?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|${space}`,
    file: () => import("./vocabularies/o200k.bin", { with: { type: "file" } }),
  },
  cl100k: {
    pattern: `${ending}|${lead}\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|${space}`,
    file: () => import("./vocabularies/cl100k.bin", { with: { type: "file" } }),
  },
};

const counters = new Map<Encoding, Promise<Counter>>();
const ready = new Map<Encoding, Counter>();

/** Counts the tokens of a text; estimates beyond a million characters. */
export async function countText(text: string, encoding: Encoding = "o200k"): Promise<number> {
  if (text === "") return 0;
  const counter = await counterOf(encoding);
  const step = windowLength * Math.ceil(text.length / countedLength);
  let tokens = 0;
  let counted = 0;
  for (let start = 0; start < text.length; start += step) {
    if (start > 0) await letOthersRun();
    const window = text.slice(start, start + windowLength);
    tokens += countWindow(window, counter);
    counted += window.length;
  }
  return Math.round((tokens * text.length) / counted);
}

/** Counts a short text synchronously if the vocabulary is already loaded; five microseconds per hundred letters. */
export function countNow(text: string, encoding: Encoding): number | undefined {
  const counter = ready.get(encoding);
  return counter && countWindow(text, counter);
}

/** Whether the vocabulary is loaded. */
export const canCountNow = (encoding: Encoding): boolean => ready.has(encoding);

function countWindow(window: string, { pattern, countPiece }: Counter): number {
  let tokens = 0;
  for (const [piece] of window.matchAll(pattern)) tokens += countPiece(piece);
  return tokens;
}

function counterOf(encoding: Encoding): Promise<Counter> {
  const known = counters.get(encoding);
  if (known) return known;
  const counter = readCounter(encoding);
  counters.set(encoding, counter);
  // The next one reads it again.
  counter.catch(() => counters.delete(encoding));
  return counter;
}

async function readCounter(encoding: Encoding): Promise<Counter> {
  const { pattern, file } = encodings[encoding];
  const { default: path } = await file();
  const vocabulary = openVocabulary(await Bun.file(path).arrayBuffer());
  const counter = { pattern: new RegExp(pattern, "gu"), countPiece: createPieceCounter(vocabulary) };
  ready.set(encoding, counter);
  return counter;
}
