import { expect, test } from "bun:test";
import { join } from "node:path";
import { readVocabularyFile, vocabularyNames } from "../../../scripts/read-vocabulary-file.ts";
import { findRank, noRank, openVocabulary } from "../../../src/lib/vocabularies/pack-vocabulary.ts";

test.each(vocabularyNames)(
  "the pack of %s has all tokens of the installed version, and no others",
  async (name) => {
    const path = join(import.meta.dir, `../../../src/lib/vocabularies/${name}.bin`);
    const vocabulary = openVocabulary(await Bun.file(path).arrayBuffer());
    const tokens = await readVocabularyFile(name);
    const wrong = tokens.filter((token, rank) => findRank(vocabulary, token, 0, token.length) !== rank);
    expect(wrong).toEqual([]);
    const bytes = tokens.reduce((sum, { length }) => sum + 4 + length, 0);
    expect(vocabulary.buckets.length).toBe(bytes);
  },
);

test("a part of a piece is found, and what is no token has no rank", async () => {
  const path = join(import.meta.dir, "../../../src/lib/vocabularies/o200k.bin");
  const vocabulary = openVocabulary(await Bun.file(path).arrayBuffer());
  const piece = Buffer.from("xxhelloxx");
  expect(findRank(vocabulary, piece, 2, 7)).toBe(findRank(vocabulary, Buffer.from("hello"), 0, 5));
  expect(findRank(vocabulary, piece, 0, 9)).toBe(noRank);
  expect(findRank(vocabulary, Buffer.alloc(256), 0, 256)).toBe(noRank);
});

test("bytes that are no pack are an error", () => {
  expect(() => openVocabulary(new ArrayBuffer(3))).toThrow();
});
