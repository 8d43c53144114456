/** Tokens of texts, cached by hash: a longer conversation costs only its new part. */
import { estimateText, readKinds, type TextKinds } from "../../lib/estimate-text.ts";
import { createLru } from "../../lib/lru.ts";
import { countNow, countText, type Encoding } from "../../lib/tokenizer.ts";

export type TextCount = {
  readonly tokens: number;
  /** The part of `tokens` that was estimated from the characters. */
  readonly guessed: number;
  /** The parts of `tokens` by kind. */
  readonly kinds: TextKinds;
};

type KnownText = {
  readonly tokens: number;
  readonly kinds: TextKinds;
  /** Absent once it was counted. */
  readonly guess?: "sampled" | "unsampled";
};

type TextCounts = {
  /** Returns at once: earlier counts, and an estimate of the rest, which is remembered until they are counted. */
  estimate(texts: readonly string[], encoding: Encoding): TextCount;
  /** Uses the tokenizer. Stores all counts together at the end, so that nobody sees half of them. */
  count(texts: readonly string[], encoding: Encoding): Promise<TextCount>;
  /** Characters that `count` would have to count. */
  uncounted(texts: readonly string[], encoding: Encoding): number;
};

/** A conversation of a million tokens has some thousands of texts; an entry takes a hundred bytes. */
const maxTexts = 32_768;

/** Kept separately for each encoding. */
const seeds: Readonly<Record<Encoding, bigint>> = { o200k: 0n, cl100k: 1n };

/** 64 bits: a collision is unlikely, and harmless. */
const keyOf = (text: string, encoding: Encoding): bigint => BigInt(Bun.hash(text, seeds[encoding]));

/** Characters of a sample, and how many new texts of one prompt are sampled: a tenth of a millisecond. */
const sampleLength = 256;
const maxSamples = 4;

/** An estimate, corrected by counting a sample from the middle. */
function guessText(text: string, encoding: Encoding, isSampled: boolean): KnownText {
  const estimate = estimateText(text);
  const kinds = readKinds(text);
  const start = Math.max(0, Math.floor((text.length - sampleLength) / 2));
  const sample = isSampled ? text.slice(start, start + sampleLength) : "";
  const counted = isSampled ? countNow(sample, encoding) : undefined;
  if (counted === undefined) return { tokens: estimate, kinds, guess: "unsampled" };
  return { tokens: (estimate * counted) / Math.max(1, estimateText(sample)), kinds, guess: "sampled" };
}

function createSum() {
  let tokens = 0;
  let guessed = 0;
  const sums = { marks: 0, foreign: 0, digits: 0 };
  return {
    add({ tokens: more, kinds, guess }: KnownText): void {
      tokens += more;
      guessed += guess ? more : 0;
      sums.marks += more * kinds.marks;
      sums.foreign += more * kinds.foreign;
      sums.digits += more * kinds.digits;
    },
    read: (): TextCount => ({ tokens: Math.round(tokens), guessed: Math.round(guessed), kinds: { ...sums } }),
  };
}

export function createTextCounts(): TextCounts {
  const known = createLru<bigint, KnownText>(maxTexts);
  /** The keys of lists that are asked for again: a prompt is estimated before it is sent, and counted afterwards. */
  const keyLists = new WeakMap<readonly string[], Readonly<Partial<Record<Encoding, readonly bigint[]>>>>();

  function keysOf(texts: readonly string[], encoding: Encoding): readonly bigint[] {
    const made = keyLists.get(texts);
    const keys = made?.[encoding] ?? texts.map((text) => keyOf(text, encoding));
    if (!made?.[encoding]) keyLists.set(texts, { ...made, [encoding]: keys });
    return keys;
  }

  return {
    estimate(texts, encoding) {
      const sum = createSum();
      let samples = maxSamples;
      for (const [place, key] of keysOf(texts, encoding).entries()) {
        let size = known.get(key);
        // A guess is as good as it can be once a sample was counted.
        if (!size || (size.guess === "unsampled" && samples > 0)) {
          size = guessText(texts[place] ?? "", encoding, samples-- > 0);
          known.set(key, size);
        }
        sum.add(size);
      }
      return sum.read();
    },

    async count(texts, encoding) {
      const counts = new Map<bigint, KnownText>();
      const sum = createSum();
      for (const [place, key] of keysOf(texts, encoding).entries()) {
        const text = texts[place] ?? "";
        const before = known.get(key);
        const count =
          before && !before.guess
            ? before
            : (counts.get(key) ?? {
                tokens: await countText(text, encoding),
                kinds: before?.kinds ?? readKinds(text),
              });
        counts.set(key, count);
        sum.add(count);
      }
      for (const [key, count] of counts) known.set(key, count);
      return sum.read();
    },

    uncounted(texts, encoding) {
      const keys = keysOf(texts, encoding);
      const isCounted = (key: bigint) => {
        const size = known.get(key);
        return size !== undefined && !size.guess;
      };
      return keys.reduce((sum, key, place) => sum + (isCounted(key) ? 0 : (texts[place]?.length ?? 0)), 0);
    },
  };
}
