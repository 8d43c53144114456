/**
 * Room `lib/vocabularies/`: OpenAI's vocabularies, as `gpt-tokenizer` brings them, packed by
 * `scripts/write-vocabularies` so that they need not be read line by line. Not here: how a text is cut and merged.
 *
 * A pack is a hash table: where each bucket begins, as 32-bit numbers in the order of x86 and ARM, and the buckets. A
 * bucket holds its tokens one after another: a byte of length, three bytes of rank, and the token. It is not
 * compressed: that would take time, and memory for both forms.
 */

export type Vocabulary = {
  /** Where each bucket begins, and the end of the last. */
  readonly starts: Uint32Array;
  readonly buckets: Uint8Array;
};

/** A power of two. There are six tokens in a bucket of the largest vocabulary. */
const bucketCount = 32_768;
const headBytes = (bucketCount + 1) * Uint32Array.BYTES_PER_ELEMENT;
const entryHeadBytes = 4;

/** The rank of what is no token: higher than all others. */
export const noRank = 0xffff_ffff;

/** @param tokens of at most 255 bytes, in the order of their ranks */
export function packVocabulary(tokens: readonly Uint8Array[]): Uint8Array {
  const buckets: Uint8Array[][] = Array.from({ length: bucketCount }, () => []);
  for (const [rank, token] of tokens.entries()) {
    const head = [token.length, rank & 0xff, (rank >> 8) & 0xff, rank >> 16];
    buckets[bucketOf(token, 0, token.length)]?.push(Uint8Array.from([...head, ...token]));
  }
  const starts = new Uint32Array(bucketCount + 1);
  for (const [index, entries] of buckets.entries())
    starts[index + 1] = entries.reduce((end, { length }) => end + length, starts[index] ?? 0);
  return Buffer.concat([new Uint8Array(starts.buffer), ...buckets.flat()]);
}

/** @throws Error when the bytes are no pack */
export function openVocabulary(packed: ArrayBuffer): Vocabulary {
  return {
    starts: new Uint32Array(packed, 0, bucketCount + 1),
    buckets: new Uint8Array(packed, headBytes),
  };
}

/** The rank of the token that a part of `piece` is; `noRank` if it is none. */
export function findRank(
  { starts, buckets }: Vocabulary,
  piece: Uint8Array,
  from: number,
  to: number,
): number {
  const bucket = bucketOf(piece, from, to);
  const end = starts[bucket + 1] ?? 0;
  for (let entry = starts[bucket] ?? 0; entry < end; entry += entryHeadBytes + (buckets[entry] ?? 0)) {
    if (buckets[entry] !== to - from) continue;
    const shift = entry + entryHeadBytes - from;
    let at = from;
    while (at < to && piece[at] === buckets[at + shift]) at += 1;
    if (at === to)
      return (buckets[entry + 1] ?? 0) | ((buckets[entry + 2] ?? 0) << 8) | ((buckets[entry + 3] ?? 0) << 16);
  }
  return noRank;
}

/** FNV-1a, folded. */
function bucketOf(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0x811c9dc5;
  for (let at = from; at < to; at += 1) sum = Math.imul(sum ^ (bytes[at] ?? 0), 0x01000193);
  return (sum ^ (sum >>> 15)) & (bucketCount - 1);
}
