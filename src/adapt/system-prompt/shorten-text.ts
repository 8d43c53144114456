/** Cuts a long paragraph, at the end of a sentence if possible, so that a limit does not cost all of it. */

/** Where a text may be cut, best first: after a sentence, after a word, and between letters that have no space. */
const ends: readonly RegExp[] = [/[.!?](?=\s)|[。！？]/g, /\S(?=\s)/g, /\P{M}\p{M}*/gu];

/** With less room, tokens, a part of a sentence or of a word says nothing. */
const minFragment = 50;

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
  const beginning = text.slice(0, 12 * room + 1);
  for (const end of ends) {
    const places = Array.from(beginning.matchAll(end), (found) => found.index + found[0].length);
    const accepted = await findLast(places, (place) => accept(text.slice(0, place)));
    if (accepted !== undefined || (places.length > 0 && room < minFragment)) return accepted;
  }
  return undefined;
}

/** The result of the last place that is accepted, if all before it are. */
async function findLast<Result>(
  places: readonly number[],
  accept: (place: number) => Promise<Result | undefined>,
): Promise<Result | undefined> {
  let accepted: Result | undefined;
  let low = 0;
  let high = places.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const result = await accept(places[middle] ?? 0);
    if (result === undefined) high = middle - 1;
    else {
      accepted = result;
      low = middle + 1;
    }
  }
  return accepted;
}
