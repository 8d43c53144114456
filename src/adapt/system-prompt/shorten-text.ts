/** Cuts a long paragraph at the end of a sentence, so that a limit does not cost all of it. */

/** Where a text may be cut: after a sentence, or after a word where there are no sentences. */
function findEnds(text: string): number[] {
  const after = (pattern: RegExp) =>
    [...text.matchAll(pattern)].map(({ index, 0: end }) => index + end.length);
  const sentences = after(/[.!?](?=\s)|[。！？]/g);
  return sentences.length > 0 ? sentences : after(/\S(?=\s)/g);
}

/**
 * The longest beginning of a text that is accepted. Code and tags are not cut: half of them would swallow what follows.
 *
 * @param room tokens that are free; a beginning has at least one token for each dozen characters
 * @param accept a beginning's result; undefined if it is too long
 */
export async function shortenText<Result>(
  text: string,
  room: number,
  accept: (beginning: string) => Promise<Result | undefined>,
): Promise<Result | undefined> {
  if (/```|~~~|<\/?[a-z]/i.test(text)) return undefined;
  const ends = findEnds(text).filter((end) => end <= 12 * room);
  let accepted: Result | undefined;
  let low = 0;
  let high = ends.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const result = await accept(text.slice(0, ends[middle]));
    if (result === undefined) high = middle - 1;
    else {
      accepted = result;
      low = middle + 1;
    }
  }
  return accepted;
}
