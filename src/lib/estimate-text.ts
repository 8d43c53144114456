/**
 * Estimates the tokens of a text, a hundred times faster than counting. A tokenizer cuts where the kind of letter
 * changes, so most of the cost lies in the number of runs. That is why this works for prose, code, JSON and base64
 * alike, where a fixed number of characters per token does not. The prices were fitted to o200k on samples of these
 * and of eight languages, and aim 5 % high.
 */

/** A kind of letter: its code units (first and last), and the tokens for each run and for each letter in it. */
type Kind = { readonly ranges: readonly string[]; readonly run: number; readonly letter: number };

/** Latin with accents, Greek and Cyrillic. */
const alphabet: Kind = { ranges: ["\u0080\u052f"], run: 0, letter: 0.26 };
/** Arabic, the scripts of India and South-East Asia, general symbols. */
const script: Kind = { ranges: ["\u0530\u2e7f"], run: 0, letter: 0.38 };
const ideograph: Kind = { ranges: ["\u2e80\uffff"], run: 0, letter: 0.66 };
/** Japanese syllables, and surrogates: above all emoji. */
const kana: Kind = { ranges: ["\u3040\u30ff", "\ud800\udfff"], run: 0, letter: 0.84 };
const hangul: Kind = { ranges: ["\uac00\ud7a3"], run: 0, letter: 0.6 };
const punctuation: Kind = { ranges: ["\u0000\u007f"], run: 0.4, letter: 0.36 };
const lower: Kind = { ranges: ["az"], run: 0.75, letter: 0.03 };
const upper: Kind = { ranges: ["AZ"], run: 1.2, letter: 0.05 };
const digit: Kind = { ranges: ["09"], run: 1.2, letter: 0.2 };
const space: Kind = { ranges: ["  ", "\t\t"], run: 0.15, letter: 0.06 };
const newline: Kind = { ranges: ["\n\n", "\r\r"], run: 0.1, letter: 0.1 };

/** A later row overrides an earlier one. */
const kinds: readonly Kind[] = [
  alphabet,
  script,
  ideograph,
  kana,
  hangul,
  punctuation,
  lower,
  upper,
  digit,
  space,
  newline,
];

/** Code unit → index in `kinds`. One flat table makes the loop below ten times faster than searching the rows. */
const kindOf = new Uint8Array(65_536);
for (const [place, { ranges }] of kinds.entries()) {
  for (const range of ranges) kindOf.fill(place, range.charCodeAt(0), range.charCodeAt(1) + 1);
}

/** Kinds of the previous letter (high bits) and this one → tokens. A capital belongs to the word it begins. */
const kindBits = 4;
const cost = new Float64Array(1 << (2 * kindBits));
for (const [before, last] of kinds.entries()) {
  for (const [place, kind] of kinds.entries()) {
    const goesOn = last === kind || (last === upper && kind === lower);
    cost[(before << kindBits) | place] = goesOn ? kind.letter : kind.run + kind.letter;
  }
}

/** Estimated tokens, within a third of the true count for nearly all text and code. */
export function estimateText(text: string): number {
  let tokens = 0;
  let last = 0;
  for (let index = 0; index < text.length; index += 1) {
    const kind = kindOf[text.charCodeAt(index)] ?? 0;
    tokens += cost[(last << kindBits) | kind] ?? 0;
    last = kind;
  }
  return Math.ceil(tokens);
}

/** Shares of a text's tokens; the rest is Latin words. Vocabularies differ most in these. */
export type TextKinds = {
  /** Punctuation and line ends, of which code has many. */
  readonly marks: number;
  /** Any other script. */
  readonly foreign: number;
  readonly digits: number;
};

/** Characters of each part that is looked at, and how many parts: a text of megabytes costs no more than a page. */
const partLength = 2048;
const maxParts = 4;

/** The kinds of a text, from parts at equal distances. */
export function readKinds(text: string): TextKinds {
  const sums = new Float64Array(1 << kindBits);
  const step = Math.max(partLength, Math.ceil(text.length / maxParts));
  for (let start = 0; start < text.length; start += step) {
    const end = Math.min(text.length, start + partLength);
    let last = 0;
    for (let index = start; index < end; index += 1) {
      const kind = kindOf[text.charCodeAt(index)] ?? 0;
      sums[kind] = (sums[kind] ?? 0) + (cost[(last << kindBits) | kind] ?? 0);
      last = kind;
    }
  }
  let all = 0;
  for (const sum of sums) all += sum;
  const share = (places: readonly number[]) => {
    let some = 0;
    for (const place of places) some += sums[place] ?? 0;
    return some / (all || 1);
  };
  return { marks: share(marks), foreign: share(foreign), digits: share(digits) };
}

const placesOf = (...some: readonly Kind[]): readonly number[] => some.map((kind) => kinds.indexOf(kind));
const marks = placesOf(punctuation, newline);
const foreign = placesOf(alphabet, script, ideograph, kana, hangul);
const digits = placesOf(digit);
