/** Finds the choices of a chunk, wherever a server puts them, and the parts of a frame that is not one JSON text. */
import { asString, isObject, type JsonObject, listOf } from "../../../lib/json.ts";
import { findObjectEnd } from "../../../lib/scan-json.ts";

/** The choices of a chunk that has no list of them, in the form of OpenAI's. */
export function findChoices(chunk: JsonObject): readonly unknown[] {
  const { choices, output, message, done, done_reason } = chunk;
  if (choices !== undefined && choices !== null) return listOf(choices);
  // DashScope's own format
  if (isObject(output) && output.choices) return listOf(output.choices);
  // Ollama's own format
  if (!isObject(message)) return [];
  return [{ message, finish_reason: done === true ? asString(done_reason) || "stop" : null }];
}

/** The usage of a chunk that has none in the usual place. */
export function findUsage(chunk: JsonObject, choice: JsonObject | undefined): JsonObject | undefined {
  if (isObject(choice?.usage)) return choice.usage;
  if (isObject(chunk.x_groq) && isObject(chunk.x_groq.usage)) return chunk.x_groq.usage;
  const { prompt_eval_count, eval_count } = chunk;
  return typeof eval_count === "number"
    ? { prompt_tokens: prompt_eval_count, completion_tokens: eval_count }
    : undefined;
}

/**
 * The parts of a frame that was glued together: JSON objects, `[DONE]`, and `data:` between them. Undefined if
 * anything else is in it.
 */
export function splitFrame(data: string): string[] | undefined {
  const parts: string[] = [];
  for (let at = 0; at < data.length; ) {
    const gap = /^(?:\s|data:)+/.exec(data.slice(at, at + 64))?.[0].length ?? 0;
    at += gap;
    if (gap > 0 || at >= data.length) continue;
    const end = data.startsWith("[DONE]", at) ? at + 6 : findObjectEnd(data, at);
    if (end === undefined) return undefined;
    parts.push(data.slice(at, end));
    at = end;
  }
  return parts;
}
