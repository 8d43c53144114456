/** Tokens of texts, cached by hash: a longer conversation costs only its new part. */
import { estimateKinds, estimateText, type TextKinds } from "../../lib/estimate-text.ts";
import { createLru } from "../../lib/lru.ts";
import { canCountNow, countNow, countText, type Encoding } from "../../lib/tokenizer.ts";
import type { Texts } from "./read-prompt.ts";

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
  estimate(lists: readonly Texts[], encoding: Encoding): TextCount;
  /** Uses the tokenizer. Stores all counts together at the end, so that no estimate sees half of them. */
  count(lists: readonly Texts[], encoding: Encoding): Promise<TextCount>;
  /** Characters that `count` would have to count. */
  uncounted(lists: readonly Texts[], encoding: Encoding): number;
  /** Lists that add up to the same as some that were estimated, without the texts that have been counted. */
  forgetCounted(lists: readonly Texts[], encoding: Encoding): readonly Texts[];
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
  const { tokens: estimate, kinds } = estimateKinds(text);
  const start = Math.max(0, Math.floor((text.length - sampleLength) / 2));
  const sample = isSampled ? text.slice(start, start + sampleLength) : "";
  const counted = isSampled ? countNow(sample, encoding) : undefined;
  if (counted === undefined) return { tokens: estimate, kinds, guess: "unsampled" };
  return { tokens: (estimate * counted) / Math.max(1, estimateText(sample)), kinds, guess: "sampled" };
}

/** Tokens of texts by kind, before they are rounded. */
type Sum = { tokens: number; guessed: number; marks: number; foreign: number; digits: number };

const emptySum = (): Sum => ({ tokens: 0, guessed: 0, marks: 0, foreign: 0, digits: 0 });

function addText(sum: Sum, { tokens, kinds, guess }: KnownText): void {
  sum.tokens += tokens;
  sum.guessed += guess ? tokens : 0;
  sum.marks += tokens * kinds.marks;
  sum.foreign += tokens * kinds.foreign;
  sum.digits += tokens * kinds.digits;
}

function addSum(sum: Sum, more: Sum): void {
  sum.tokens += more.tokens;
  sum.guessed += more.guessed;
  sum.marks += more.marks;
  sum.foreign += more.foreign;
  sum.digits += more.digits;
}

function readSum({ tokens, guessed, marks, foreign, digits }: Sum): TextCount {
  return { tokens: Math.round(tokens), guessed: Math.round(guessed), kinds: { marks, foreign, digits } };
}

/** What is known about the texts of one list: their keys, and their sum once all of them are counted. */
type KnownList = { readonly keys: readonly bigint[]; sum?: Sum };

/** Lists come again: a prompt is estimated before it is sent, counted afterwards, and grows. */
type KnownLists = {
  readonly each: WeakMap<Texts, KnownList>;
  /** What lists add up to together, once all of their texts are counted. */
  readonly together: WeakMap<readonly Texts[], TextCount>;
};

/** Fewer lists are added up as fast as they are looked up. */
const minTogether = 8;

const noLists = (): KnownLists => ({ each: new WeakMap(), together: new WeakMap() });

export function createTextCounts(): TextCounts {
  const known = createLru<bigint, KnownText>(maxTexts);
  const lists: Readonly<Record<Encoding, KnownLists>> = { o200k: noLists(), cl100k: noLists() };

  function find(texts: Texts, encoding: Encoding): KnownList {
    const { each } = lists[encoding];
    const before = each.get(texts);
    if (before) return before;
    const keys: bigint[] = [];
    for (const text of texts) keys.push(keyOf(text, encoding));
    const list = { keys };
    each.set(texts, list);
    return list;
  }

  function isCounted(key: bigint): boolean {
    const size = known.get(key);
    return size !== undefined && !size.guess;
  }

  return {
    estimate(prompt, encoding) {
      const { together } = lists[encoding];
      const before = together.get(prompt);
      if (before) return before;
      const all = emptySum();
      let samples = maxSamples;
      for (const texts of prompt) {
        const list = find(texts, encoding);
        if (list.sum) {
          addSum(all, list.sum);
          continue;
        }
        const sum = emptySum();
        for (let place = 0; place < texts.length; place += 1) {
          const key = list.keys[place] ?? 0n;
          let size = known.get(key);
          // A guess is as good as it can be once a sample was counted.
          if (!size || (size.guess === "unsampled" && samples > 0 && canCountNow(encoding))) {
            size = guessText(texts[place] ?? "", encoding, samples-- > 0);
            known.set(key, size);
          }
          addText(sum, size);
        }
        if (sum.guessed === 0) list.sum = sum;
        addSum(all, sum);
      }
      const count = readSum(all);
      if (all.guessed === 0 && prompt.length >= minTogether) together.set(prompt, count);
      return count;
    },

    async count(prompt, encoding) {
      const counts = new Map<bigint, KnownText>();
      const all = emptySum();
      for (const texts of prompt) {
        const list = find(texts, encoding);
        if (list.sum) {
          addSum(all, list.sum);
          continue;
        }
        for (const [place, key] of list.keys.entries()) {
          const text = texts[place] ?? "";
          const before = known.get(key);
          const count =
            before && !before.guess
              ? before
              : (counts.get(key) ?? {
                  tokens: await countText(text, encoding),
                  kinds: before?.kinds ?? estimateKinds(text).kinds,
                });
          counts.set(key, count);
          addText(all, count);
        }
      }
      for (const [key, count] of counts) known.set(key, count);
      return readSum(all);
    },

    uncounted(prompt, encoding) {
      let characters = 0;
      for (const texts of prompt) {
        const list = find(texts, encoding);
        if (list.sum) continue;
        for (let place = 0; place < texts.length; place += 1)
          if (!isCounted(list.keys[place] ?? 0n)) characters += texts[place]?.length ?? 0;
      }
      return characters;
    },

    forgetCounted(prompt, encoding) {
      const counted: Texts = [];
      const kept = [counted];
      const sum = emptySum();
      for (const texts of prompt) {
        const list = find(texts, encoding);
        if (list.sum) addSum(sum, list.sum);
        else kept.push(texts);
      }
      lists[encoding].each.set(counted, { keys: [], sum });
      return kept;
    },
  };
}
