/**
 * Whole messages in a stream: some servers send one in place of each delta, with the next piece or with everything so
 * far, and others repeat the whole answer in the last chunk.
 */
import type { JsonObject } from "../../../lib/json.ts";

export type RepeatFilter = {
  /**
   * The message without the texts that earlier messages have said.
   * @param isLast its chunk has a finish reason
   */
  push(message: JsonObject, isLast: boolean): JsonObject;
};

type Said = {
  text: string;
  pieces: number;
  /** Whether each message contains the whole text so far; undefined until the second one shows it. */
  isCumulative: boolean | undefined;
};

const fields = ["content", "reasoning", "reasoning_content", "reasoning_text", "thinking"] as const;

export function createRepeatFilter(): RepeatFilter {
  /** The first message, nearly always the only one. */
  let first: JsonObject | undefined;
  let said: Map<string, Said> | undefined;

  function takeRest(message: JsonObject, known: Map<string, Said>, isLast: boolean): JsonObject {
    const rest = { ...message };
    for (const field of fields) {
      const text = message[field];
      if (typeof text !== "string" || text === "") continue;
      const before = known.get(field) ?? { text: "", pieces: 0, isCumulative: undefined };
      known.set(field, before);
      rest[field] = takeNew(before, text, isLast);
    }
    return rest;
  }

  return {
    push(message, isLast) {
      if (!first) {
        first = message;
        return message;
      }
      if (!said) {
        said = new Map();
        takeRest(first, said, false);
      }
      return takeRest(message, said, isLast);
    },
  };
}

function takeNew(said: Said, text: string, isLast: boolean): string {
  const before = said.text;
  if (before !== "") {
    const isLonger = text.length > before.length && text.startsWith(before);
    said.isCumulative ??= isLonger;
    if (text === before && (said.isCumulative || said.pieces > 1 || isLast)) return "";
    if (said.isCumulative && isLonger) {
      said.text = text;
      return text.slice(before.length);
    }
  }
  said.text += text;
  said.pieces += 1;
  return text;
}
