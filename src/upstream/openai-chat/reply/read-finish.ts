/** Reads why the model stopped, in every provider's words. */
import { asString, isObject, type JsonObject } from "../../../lib/json.ts";
import { rememberResults } from "../../../lib/remember-results.ts";
import type { FinishReason } from "../../../reply.ts";

export type Finish = {
  /**
   * `failure`: the backend gave up before the answer was complete. `unknown`: an end only if the body also ends there.
   */
  readonly reason: FinishReason | "failure" | "unknown";
  /** The backend's own word. */
  readonly word: string;
  readonly stopSequence?: string;
};

/** From least to most severe. */
const severity: readonly Finish["reason"][] = [
  "unknown",
  "stop",
  "stop-sequence",
  "max-tokens",
  "context-window",
  "refusal",
  "failure",
];

/** Words for "not yet", which some servers write into every chunk. */
const notYet = /^(null|none|nil|undefined|unspecified|unfinished|in_?progress|running|continue)?$/;

/**
 * What words of providers mean, by their stems, in lower case: every server has some of its own. A word that has none
 * of them may or may not be an end.
 */
const stems: readonly (readonly [stem: RegExp, reason: Finish["reason"]])[] = [
  // Z.ai, DeepSeek, Gemini, SGLang
  [
    /error|abort|cancel|fail|interrupt|timeout|time_?out|insufficient|malformed|unexpected|overload/,
    "failure",
  ],
  // Z.ai; Gemini behind gateways
  [
    /filter|refus|safety|sensitive|moderat|policy|recitation|prohibited|blocklist|blocked|guardrail|spii/,
    "refusal",
  ],
  // Mistral, Z.ai
  [/model_length|context/, "context-window"],
  [/length|max_.*tokens|token_limit|^limit$/, "max-tokens"],
  [/stop|^end|_end$|^eos|tool|function|^(done|complete|completed|finish|finished|success)$/, "stop"],
];

const maxWords = 64;

type Meaning = { readonly reason: Finish["reason"] | undefined };

/** Every answer ends with such a word, and servers use few of them. */
const findMeaning = rememberResults((word): Meaning => {
  const known = word
    .replace(/(?<=[a-z])(?=[A-Z])|[\s-]+/g, "_")
    .toLowerCase()
    .replace(/^finish_reason_/, "");
  if (notYet.test(known)) return { reason: undefined };
  return { reason: stems.find(([stem]) => stem.test(known))?.[1] ?? "unknown" };
}, maxWords);

/**
 * Undefined if the word says that there is no end yet.
 * @param choice the choice with the finish reason; some servers put the stop sequence next to it
 * @param stopSequences those that the client asked for
 */
export function readFinish(
  word: string,
  choice: JsonObject,
  stopSequences: readonly string[],
): Finish | undefined {
  const { reason } = findMeaning(word);
  if (!reason) return undefined;
  const stopSequence = reason === "stop" ? findStopSequence(choice, stopSequences) : undefined;
  return stopSequence === undefined ? { reason, word } : { reason: "stop-sequence", word, stopSequence };
}

/** Servers may send several finish reasons: the most severe counts, and of equals the last. */
export function chooseFinish(known: Finish | undefined, next: Finish): Finish {
  return known && severity.indexOf(known.reason) > severity.indexOf(next.reason) ? known : next;
}

/** The word of a finish reason, which older versions of SGLang put into an object. */
export function readWord(reason: unknown): string {
  return isObject(reason) ? asString(reason.type) : asString(reason);
}

/** The stop sequence that was hit, if a server names it: vLLM in `stop_reason`, SGLang in `matched_stop`. */
function findStopSequence(choice: JsonObject, wanted: readonly string[]): string | undefined {
  const { finish_reason, stop_reason, matched_stop, stop_sequence, native_finish_reason } = choice;
  const matched = isObject(finish_reason) ? finish_reason.matched : undefined;
  for (const named of [stop_reason, matched_stop, stop_sequence, matched])
    if (typeof named === "string" && wanted.includes(named)) return named;
  return native_finish_reason === "stop_sequence" && wanted.length === 1 ? wanted[0] : undefined;
}
