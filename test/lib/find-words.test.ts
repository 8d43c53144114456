import { expect, test } from "bun:test";
import fc from "fast-check";
import { createWordFinder } from "../../src/lib/find-words.ts";

function findFirst(words: readonly string[], text: string): [word: string, end: number] | undefined {
  const finder = createWordFinder(words);
  for (let at = 0; at < text.length; at++) {
    const word = finder.read(text.charCodeAt(at));
    if (word !== undefined) return [word, at + 1];
  }
  return undefined;
}

test.each<[string[], string, ReturnType<typeof findFirst>]>([
  [["END"], "EENEND", ["END", 6]],
  [["abcd", "bc"], "abcd", ["bc", 3]],
  [["he", "she", "hers"], "ushers", ["she", 4]],
  [["ab"], "a", undefined],
])("%j in %j", (words, text, expected) => {
  expect(findFirst(words, text)).toEqual(expected);
});

const letters = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength });

test("finds what a search of the whole text finds, and knows what may still become a word", () => {
  const cases = fc.record({ words: fc.array(letters(4), { minLength: 1, maxLength: 6 }), text: letters(30) });
  fc.assert(
    fc.property(cases, ({ words, text }) => {
      const finder = createWordFinder(words);
      for (let end = 1; end <= text.length; end++) {
        const seen = text.slice(0, end);
        const ending = words
          .filter((word) => seen.endsWith(word))
          .sort((one, other) => other.length - one.length);
        expect(finder.read(text.charCodeAt(end - 1))).toBe(ending[0]);
        const starts = words.flatMap((word) => [...word].map((_, at) => word.slice(0, at + 1)));
        const longest = Math.max(
          0,
          ...starts.filter((start) => seen.endsWith(start)).map(({ length }) => length),
        );
        expect(finder.pending).toBe(longest);
      }
    }),
  );
});
