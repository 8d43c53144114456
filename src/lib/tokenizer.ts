/**
 * The o200k tokenizer. Its tables take half a second and a hundred megabytes, so they are loaded when first asked
 * for; and it is slow in its worst cases, so a long text is cut, sampled, and counted with pauses for others.
 */

/** Characters counted between two pauses: a few milliseconds of work. */
const windowLength = 16_384;

/** Beyond this many characters a sample decides: no context window holds so much. */
const countedLength = 1_048_576;

/** The tokenizer's work grows with the square of an unbroken run; cutting one costs at most a token a cut. */
const longRun = /[\p{L}\p{M}]{128}|[^\s\p{L}\p{N}]{128}|\s{128}/gu;

/** Marks such as `<|endoftext|>` are ordinary text when they stand in a prompt. */
const asOrdinaryText = { disallowedSpecial: new Set<string>() };

/** The number of tokens of a text; an estimate of a text over a million characters. */
export async function countText(text: string): Promise<number> {
  if (text === "") return 0;
  const tokenizer = await import("gpt-tokenizer/encoding/o200k_base");
  const step = windowLength * Math.ceil(text.length / countedLength);
  let tokens = 0;
  let counted = 0;
  for (let start = 0; start < text.length; start += step) {
    if (start > 0) await pause();
    const window = text.slice(start, start + windowLength);
    for (const piece of cutLongRuns(window)) tokens += tokenizer.countTokens(piece, asOrdinaryText);
    counted += window.length;
  }
  // Its keys are slices of the text, and a slice keeps the whole in memory.
  tokenizer.clearMergeCache();
  return Math.round((tokens * text.length) / counted);
}

function* cutLongRuns(text: string): Generator<string> {
  let start = 0;
  for (const run of text.matchAll(longRun)) {
    const end = run.index + run[0].length;
    yield text.slice(start, end);
    start = end;
  }
  yield text.slice(start);
}

/** Lets the streams of others move on. */
const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
