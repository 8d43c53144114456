import { expect, test } from "bun:test";
import fc from "fast-check";
import { createPieceCounter } from "../../src/lib/count-byte-pairs.ts";
import { openVocabulary, packVocabulary } from "../../src/lib/vocabularies/pack-vocabulary.ts";

/** Of a vocabulary of all single bytes, then the given tokens, in the order of their ranks. */
function counterOf(tokens: readonly string[]): (piece: string) => number {
  const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  const packed = packVocabulary([...bytes, ...tokens.map((token) => Buffer.from(token))]);
  return createPieceCounter(openVocabulary(Uint8Array.from(packed).buffer));
}

/** Merges the pair of the lowest rank, the first of them, until there is none: the definition, without its tricks. */
function mergeAll(text: string, tokens: readonly string[]): number {
  const parts = [...text];
  for (;;) {
    const pairs = parts.slice(1).map((part, at) => tokens.indexOf(`${parts[at]}${part}`));
    const lowest = Math.min(...pairs.filter((rank) => rank >= 0));
    const at = pairs.indexOf(lowest);
    if (at < 0) return parts.length;
    parts.splice(at, 2, `${parts[at]}${parts[at + 1]}`);
  }
}

test("pairs are merged in the order of their ranks", async () => {
  const count = counterOf(["ab", "bc", "abc"]);
  expect(count("")).toBe(0);
  expect(count("abc")).toBe(1);
  expect(count("abbc")).toBe(2);
  expect(count("bca")).toBe(2);
  expect(count("xyz")).toBe(3);
  expect(count("é")).toBe(2);
});

test("any text is counted as the algorithm's definition says", async () => {
  // A token is a piece only if merging leads to it, so each is built of earlier ones.
  const tokens = ["ab", "ba", "aa", "abab", "aab", "baab", "bb", "abaa"];
  const count = counterOf(tokens);
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 40 }), (text) => {
      fc.pre(!tokens.includes(text));
      expect(count(text)).toBe(mergeAll(text, tokens));
    }),
  );
});

test("a long piece is split, which costs a token at most for each split", async () => {
  const count = counterOf(["aa", "aaaa"]);
  expect(count("a".repeat(1000))).toBe(250);
  expect(count("é".repeat(1000))).toBe(2000);
});
