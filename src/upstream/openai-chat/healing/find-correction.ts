/**
 * Room `upstream/openai-chat/healing/`: which change would make a refused body acceptable. Not here: trying again, or
 * remembering.
 *
 * Finds the one field that a backend rejected, and what it accepts instead. Only fields that a request can do without,
 * or express in another way, are ever corrected: never the model, the content of messages, or the tools.
 *
 * Refused images are not corrected here: `journey/adapt-media.ts` makes a new plan, with notes in their place.
 */

import { minShrunkOutput } from "../../../catalog/claude-code/claude-code.ts";
import type { ErrorKind, ProxyError } from "../../../errors.ts";
import { isObject, type JsonObject, parseJson } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import { applyCorrections, type Correction } from "../../corrections.ts";
import type { WrittenRequest } from "../../protocol.ts";
import { BackendError } from "../../refusal/read-error.ts";
import { readOverflow } from "../../refusal/read-overflow.ts";
import { correctNamed, correctReasoning, formatAsObject, isRefused, type Refusal } from "./correct-field.ts";

type Rule = (refusal: Refusal) => readonly Correction[];

/** Error kinds that may mean a rejected field: OpenRouter answers 404, old llama.cpp 500. */
const kinds: ReadonlySet<ErrorKind> = new Set(["invalid-request", "not-found", "upstream"]);

export function findCorrection(
  error: ProxyError,
  { promptTokens }: Plan,
  written: WrittenRequest,
): Correction | undefined {
  if (!(error instanceof BackendError) || !kinds.has(error.kind)) return undefined;
  if (error.refuses) return undefined;
  const body = parseJson(written.body);
  if (!isObject(body)) return undefined;
  const { fault } = error;
  const text = fault.text.toLowerCase().replace(/(\d),(?=\d{3}\b)/g, "$1");
  const words = `${fault.codes.join(" ")} ${text}`;
  const refusal = { text, words, fault, status: error.upstreamStatus ?? 0, body, promptTokens };
  const changesBody = (correction: Correction) => applyCorrections(body, [correction]) !== body;
  for (const rule of rules) {
    const corrections = rule(refusal);
    if (corrections.length > 0) return corrections.find(changesBody);
  }
  return undefined;
}

/** Best first: a rule that matches ends the search, even if its correction was tried already. */
const rules: readonly Rule[] = [
  shrinkAnswer,
  capAnswer,
  relaxSchemas,
  disableReasoning,
  separateFormat,
  renameRole,
  correctNamed,
  correctReasoning,
];

/** Tokens kept free when an answer is shortened to fit: some servers count a template's tokens too. */
const margin = 512;

/** Prompt and answer together exceed the window. The next prompt is different, so this is not remembered. */
function shrinkAnswer({ fault, status, text, body, promptTokens }: Refusal): Correction[] {
  const sizes = readOverflow(status, fault)?.sizes;
  if (!sizes) return [];
  const path = tokensField(body);
  let room = sizes.limit - sizes.prompt;
  // vLLM stops counting as soon as the prompt is too long, and says so. Then our estimate is better. If that was too
  // low as well, only a much shorter answer fits, or the prompt alone fills the window.
  if (text.includes("at least")) {
    room = promptTokens > sizes.prompt ? sizes.limit - promptTokens : Number(body[path]) / 3;
  }
  return [{ change: "cap", path, to: Math.floor(Math.max(room, minShrunkOutput)) - margin, once: true }];
}

/** Where servers report the maximum tokens of an answer. In order: OpenAI; DeepSeek, Qwen; Groq, FastAPI; Anthropic. */
const capWordings: readonly RegExp[] = [
  /max_(?:completion_)?tokens.*at most (\d+) (?:completion |output )?tokens/,
  /range of max_(?:completion_)?tokens (?:is|should be) \[\d+, ?(\d+)\]/,
  /max_(?:completion_)?tokens\W+(?:input )?(?:must|should) be (?:less than or equal to|<=|at most)\W*(\d+)/,
  /max_(?:completion_)?tokens: \d+ > (\d+)/,
];

function capAnswer({ text, body }: Refusal): Correction[] {
  const cap = capWordings.map((wording) => Number(wording.exec(text)?.[1] ?? 0)).find((number) => number > 0);
  return cap === undefined ? [] : [{ change: "cap", path: tokensField(body), to: cap }];
}

function tokensField(body: JsonObject): string {
  return "max_completion_tokens" in body ? "max_completion_tokens" : "max_tokens";
}

/** A valid schema, but outside the strict subset. */
function relaxSchemas({ words }: Refusal): Correction[] {
  if (/invalid schema for response_format|invalid_json_schema/.test(words)) {
    return [{ change: "drop", path: "response_format.json_schema.strict" }, formatAsObject];
  }
  if (/invalid schema for function|invalid_function_parameters/.test(words))
    return [{ change: "drop", path: "tools[].function.strict" }];
  return [];
}

/** GPT-5.6 and later: "Function tools with reasoning_effort are not supported", at `/chat/completions`. */
function disableReasoning({ words, body }: Refusal): Correction[] {
  const isMeant = /\bfunction tools?\b/.test(words) && /reasoning/.test(words) && isRefused(words);
  return isMeant && Array.isArray(body.tools)
    ? [{ change: "replace", path: "reasoning_effort", to: "none", withTools: true }]
    : [];
}

/** Groq: "json mode cannot be combined with tool/function calling". */
function separateFormat({ words }: Refusal): Correction[] {
  return /(json mode|response[_ ]format|structured outputs?)\b.*\b(with|and) (tool|function)/.test(words) &&
    isRefused(words)
    ? [{ change: "drop", path: "response_format", withTools: true }]
    : [];
}

function renameRole({ fault, words, body }: Refusal): Correction[] {
  const isMeant = /\bdeveloper\b|\d\]?\.(\w+\.)?role\b/.test(`${fault.params.join(" ")} ${words}`);
  const toSystem: Correction = {
    change: "replace",
    path: "messages[].role",
    from: "developer",
    to: "system",
  };
  return isMeant && isRefused(words) && applyCorrections(body, [toSystem]) !== body ? [toSystem] : [];
}
