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

/** The same for letters of some kinds only; others cost nothing. */
const costOf = (...some: readonly Kind[]): Readonly<Float64Array> =>
  cost.map((tokens, at) => {
    const kind = kinds[at & ((1 << kindBits) - 1)];
    return kind && some.includes(kind) ? tokens : 0;
  });
const costOfMarks = costOf(punctuation, newline);
const costOfForeign = costOf(alphabet, script, ideograph, kana, hangul);
const costOfDigits = costOf(digit);

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

/** Estimated tokens, and their kinds. */
export function estimateKinds(text: string): { readonly tokens: number; readonly kinds: TextKinds } {
  let tokens = 0;
  let marks = 0;
  let foreign = 0;
  let digits = 0;
  let last = 0;
  for (let index = 0; index < text.length; index += 1) {
    const kind = kindOf[text.charCodeAt(index)] ?? 0;
    const at = (last << kindBits) | kind;
    tokens += cost[at] ?? 0;
    marks += costOfMarks[at] ?? 0;
    foreign += costOfForeign[at] ?? 0;
    digits += costOfDigits[at] ?? 0;
    last = kind;
  }
  const all = tokens || 1;
  const kinds = { marks: marks / all, foreign: foreign / all, digits: digits / all };
  return { tokens: Math.ceil(tokens), kinds };
}
