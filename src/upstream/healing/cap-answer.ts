/** How many tokens an answer may have, told in any words. */
import type { JsonObject } from "../../lib/json.ts";
import type { Correction } from "../corrections.ts";
import type { Refusal } from "./correct-field.ts";

/** The limit of an answer, by its field or in words. */
const subject =
  /max[_ ]?(completion|output|new|gen)?[_ ]?(tokens|length)|maxoutputtokens|maxtokens|(output|completion|generated|generation|response|new) (tokens|length)/;

const upTo = String.raw`\W*(?:(?:is|of|at|to|for|by|the|a|value|tokens?|this|model|allowed|completion|output|input|range)\W+){0,4}`;
/** A bound, and what it is called. Each is followed, or in a range preceded, by its number. */
const bounds: readonly RegExp[] = [
  new RegExp(
    String.raw`(?:<=?|≤|at most|up to|(?:no|not) (?:be )?(?:more|greater|larger|higher|bigger) than|less than(?: or equal to)?|smaller than|below|under|within|maximum|max|limit|cap|capped|ceiling|bound|exceeds?(?: the)?)${upTo}(\d+)`,
    "g",
  ),
  /[[(]\s*\d+\s*,\s*(\d+)\s*[\])]/g,
  /between \d+ and (\d+)/g,
  /from \d+ (?:to|through) (\d+)/g,
  /\d+ ?(?:>|is (?:greater|larger|more|higher|bigger) than|is (?:above|over))\D{0,40}?(\d+)/g,
  /\d ?(?:\.{2,3}|[-–~]) ?(\d+)/g,
  /(\d+) is the (?:maximum|max|limit|highest)/g,
];

/** Words that make some number a limit, and one before a number that makes it the opposite. */
const limitWords =
  /above|over\b|exceed|max(?!_)|limit|range|between|most|up to|less|lower|below|greater|larger|more|too (high|big|large|many)|[<>≤]|最大|超过|超出|范围|不能大于/;
const freeNumber = /(?<![\w.]|[a-z]-)(\d{3,})(?:\.0+)?(?![\w.-]*\w)/g;
const noBound = /(at least|minimum|greater than|>=|code:?|status:?|error:?)\W*$/;

/** No model's limit is lower; a smaller number is about something else. */
const minLimit = 16;

/** The highest number below the one that was sent that the text calls a bound of it. */
export function capAnswer({ text, params, body }: Refusal): Correction[] {
  const path = tokensField(body);
  const sent = body[path];
  const said = `${params} ${text}`;
  if (typeof sent !== "number" || !subject.test(said)) return [];
  const isPossible = (number: number) => number >= minLimit && number < sent;
  const named = readBounds(text).filter(isPossible);
  const numbers = named.length > 0 ? named : readNumbers(text).filter(isPossible);
  return numbers.length === 0 ? [] : [{ change: "cap", path, to: Math.max(...numbers) }];
}

/** OpenAI, also behind others: "integer below minimum value. Expected a value >= 16, but got 1 instead." */
export function raiseAnswer({ text, params, body }: Refusal): Correction[] {
  const sent = body[tokensField(body)];
  if (typeof sent !== "number" || !subject.test(`${params} ${text}`)) return [];
  const [minTokens] = [...text.matchAll(least)]
    .map(([words, number]) => Number(number) + (/^(?:>(?!=)|\w+ than(?! or))/.test(words) ? 1 : 0))
    .filter((number) => number > sent && number <= maxLeast);
  if (minTokens === undefined) return [];
  return [
    {
      change: "adopt",
      path: "the limit of an answer",
      to: `at least ${minTokens}`,
      quirks: { request: { minTokens } },
    },
  ];
}

const least =
  /(?:>=?|≥|at least|minimum(?:\W+\w+){0,5}?|(?:greater|more|larger|higher) than(?: or equal to)?|(?:not|no) (?:be )?less than)\W*(\d+)/g;

/** No server asks for more; a larger number is about something else. */
const maxLeast = 256;

function readBounds(text: string): number[] {
  return bounds
    .flatMap((bound) => [...text.matchAll(bound)])
    .map(([words, number]) => {
      const isStrict = /(^<[^=]|(less|smaller) than(?! or)|^below|^under)/.test(words);
      return Number(number) - (isStrict ? 1 : 0);
    });
}

/** Every number in a text that speaks of a limit, in whatever words. */
function readNumbers(text: string): number[] {
  if (!limitWords.test(text)) return [];
  return [...text.matchAll(freeNumber)]
    .filter(({ index }) => !noBound.test(text.slice(0, index)))
    .map(([, number]) => Number(number));
}

export function tokensField(body: JsonObject): string {
  const names = ["max_completion_tokens", "max_output_tokens"];
  return names.find((name) => name in body) ?? "max_tokens";
}
