/** Counts byte-pair-encoding tokens without producing them. Source of the algorithm: OpenAI's tiktoken. */
import { findRank, noRank, type Vocabulary } from "./vocabularies/pack-vocabulary.ts";

/** Bytes. Longer pieces are split, because the work is quadratic; a split costs one token at most. */
const maxPieceLength = 256;

/** Counts the tokens of pieces, as cut by the encoding's pattern; no token spans two pieces. */
export function createPieceCounter(vocabulary: Vocabulary): (piece: string) => number {
  const encoder = new TextEncoder();
  const piece = new Uint8Array(maxPieceLength);
  const starts = new Uint32Array(piece.length + 1);
  const ranks = new Uint32Array(piece.length + 1);

  /** The number of tokens of the first `length` bytes. */
  function countBytes(length: number): number {
    if (findRank(vocabulary, piece, 0, length) !== noRank) return 1;
    let parts = length;
    for (let part = 0; part <= length; part += 1) {
      starts[part] = part;
      ranks[part] = part + 2 <= length ? findRank(vocabulary, piece, part, part + 2) : noRank;
    }
    for (;;) {
      let lowest = noRank;
      let found = 0;
      for (let part = 0; part < parts; part += 1) {
        const rank = ranks[part] ?? noRank;
        if (rank < lowest) {
          lowest = rank;
          found = part;
        }
      }
      if (lowest === noRank) return parts;
      // Merge the pair: the left part takes in the right one.
      starts.copyWithin(found + 1, found + 2, parts + 1);
      ranks.copyWithin(found + 1, found + 2, parts + 1);
      parts -= 1;
      ranks[found] = rankOfPair(found, parts);
      if (found > 0) ranks[found - 1] = rankOfPair(found - 1, parts);
    }
  }

  function rankOfPair(part: number, parts: number): number {
    return part + 2 > parts ? noRank : findRank(vocabulary, piece, starts[part] ?? 0, starts[part + 2] ?? 0);
  }

  return (text) => {
    let tokens = 0;
    for (let from = 0; from < text.length; ) {
      const { read, written } = encoder.encodeInto(from === 0 ? text : text.slice(from), piece);
      tokens += countBytes(written);
      from += read;
    }
    return tokens;
  };
}
