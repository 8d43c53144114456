import { isObject } from "../../../lib/json.ts";

/**
 * The object that reports an error, else undefined. It is the body itself if that has `error`, `object: "error"`
 * (Mistral, vLLM) or `base_resp` (MiniMax), or the part of it that has one: the first item of a list (Gemini),
 * `choices[0]` (OpenRouter), `x_groq`. Cheap for ordinary chunks.
 */
export function findError(body: unknown): unknown {
  const value: unknown = Array.isArray(body) ? body[0] : body;
  if (!isObject(value)) return undefined;
  const { base_resp: status, choices } = value;
  if (reportsError(value) || value.object === "error" || (isObject(status) && isNonZero(status.status_code)))
    return value;
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  if (reportsError(choice)) return choice;
  return reportsError(value.x_groq) ? value.x_groq : undefined;
}

/** Some servers write `error: null` into good chunks. */
function reportsError(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { error } = value;
  return typeof error === "string" ? error !== "" : isObject(error) && Object.keys(error).length > 0;
}

function isNonZero(code: unknown): boolean {
  return typeof code === "number" && code !== 0;
}
