/** Ranks texts by how well they answer a question in words (BM25, with the weights of Lucene). */
import { letOthersRun } from "./let-others-run.ts";

type RankedText = {
  /** Words here count for more. */
  readonly title: string;
  readonly body: string;
};

/** Texts after which others may have their turn. */
const textsInARow = 200;

const saturation = 1.2;
const lengthWeight = 0.75;
/** How often a word of a title counts. */
const titleWeight = 3;

/** The places of the texts that share a word with the question, best first; equal ones in their own order. */
export async function rankTexts(texts: readonly RankedText[], question: string): Promise<number[]> {
  const wanted = [...new Set(readWords(question))];
  const counts: ReturnType<typeof countWords>[] = [];
  for (const { title, body } of texts) {
    counts.push(countWords(title, body, wanted));
    if (counts.length % textsInARow === 0) await letOthersRun();
  }
  const meanLength = counts.reduce((sum, { length }) => sum + length, 0) / Math.max(1, texts.length);
  const weights = wanted.map((_, word) => {
    const holders = counts.filter(({ times }) => (times[word] ?? 0) > 0).length;
    return Math.log(1 + (texts.length - holders + 0.5) / (holders + 0.5));
  });
  return counts
    .map(({ times, length }, place) => {
      const damping = saturation * (1 - lengthWeight + (lengthWeight * length) / (meanLength || 1));
      const score = times.reduce(
        (sum, often, word) => sum + ((weights[word] ?? 0) * often * (saturation + 1)) / (often + damping),
        0,
      );
      return { place, score };
    })
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
    .map(({ place }) => place);
}

/** How often a text contains each wanted word, and how many words it has. */
function countWords(title: string, body: string, wanted: readonly string[]) {
  const times = wanted.map(() => 0);
  const places = new Map(wanted.map((word, place) => [word, place]));
  let length = 0;
  for (const [text, weight] of [
    [title, titleWeight],
    [body, 1],
  ] as const) {
    for (const word of readWords(text)) {
      length += weight;
      const place = places.get(word);
      if (place !== undefined) times[place] = (times[place] ?? 0) + weight;
    }
  }
  return { times, length };
}

/** `getUserData` and `get_user_data` have three words; each Chinese or Japanese character is one. */
function readWords(text: string): string[] {
  const split = text
    .replace(/(\p{Ll}|\p{N})(?=\p{Lu})|(\p{Lu})(?=\p{Lu}\p{Ll})/gu, "$1$2 ")
    .replace(/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/gu, " $& ");
  const words = split.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.filter((word) => !fillers.has(word)).map(toSingular);
}

/** Words that say nothing about what a text is about. */
const fillers: ReadonlySet<string> = new Set(
  "a an and are as at be by for from how i in is it me my of on or that the this to want what with".split(
    " ",
  ),
);

function toSingular(word: string): string {
  if (/[^aeiou]ies$/.test(word) && word.length > 4) return `${word.slice(0, -3)}y`;
  return /[^su]s$/.test(word) && word.length > 3 ? word.slice(0, -1) : word;
}
