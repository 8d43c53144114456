/**
 * Room `upstream/healing/`: which change would make a refused body acceptable. Not here: trying again, or remembering.
 *
 * Finds the one field that a backend rejected, and what it accepts instead. Only fields that a request can do without,
 * or express in another way, are ever corrected: never the model, what messages say, or which tools there are.
 *
 * Refused images are not corrected here: `journey/adapt-media.ts` makes a new plan, with notes in their place.
 */
import { minShrunkOutput } from "../../catalog/claude-code/claude-code.ts";
import type { ErrorKind, ProxyError } from "../../errors.ts";
import { isObject, parseJson } from "../../lib/json.ts";
import type { Plan } from "../../plan/plan.ts";
import { applyCorrections, type Correction } from "../corrections.ts";
import type { WrittenRequest } from "../protocol.ts";
import { BackendError } from "../refusal/read-error.ts";
import { readOverflow } from "../refusal/read-overflow.ts";
import { capAnswer, raiseAnswer, tokensField } from "./cap-answer.ts";
import { changeProtocol } from "./change-protocol.ts";
import {
  correctNamed,
  correctReasoning,
  correctThinkingType,
  formatAsObject,
  isRefused,
  type Refusal,
  textAsObject,
} from "./correct-field.ts";
import { correctItems } from "./correct-items.ts";
import { correctSignatures, dropUnknownField } from "./correct-native.ts";
import { correctQuirks } from "./correct-quirks.ts";
import { correctSchema } from "./correct-schema.ts";
import {
  correctCallIds,
  correctCallSignatures,
  correctContent,
  correctDescription,
  correctOrder,
  correctPrefill,
  correctReplay,
  correctTemplate,
  correctToolCount,
  correctToolMedia,
} from "./correct-shape.ts";

/** Changes that may help, best first; none if the refusal is about something else. */
type Rule = (refusal: Refusal) => readonly Correction[] | "nothing helps";

/** Error kinds that may mean a rejected field: OpenRouter answers 404, old llama.cpp 500. */
const kinds: ReadonlySet<ErrorKind> = new Set(["invalid-request", "wrong-address", "not-found", "upstream"]);

export function findCorrection(
  error: ProxyError,
  { size, quirks, protocol, otherWays }: Plan,
  written: WrittenRequest,
): Correction | undefined {
  if (!(error instanceof BackendError) || !kinds.has(error.kind)) return undefined;
  if (error.refuses) return undefined;
  const body = parseJson(String(written.body));
  if (!isObject(body)) return undefined;
  const { fault } = error;
  const text = fault.text.toLowerCase().replace(/(\d),(?=\d{3}\b)/g, "$1");
  const words = `${fault.codes.join(" ")} ${text}`;
  const params = fault.params.join(" ").toLowerCase();
  const refusal = {
    text,
    words,
    params,
    fault,
    status: error.upstreamStatus ?? 0,
    body,
    promptTokens: size().tokens,
    quirks,
    protocol,
    otherProtocols: otherWays.map((way) => way.protocol),
  };
  const changesSomething = (correction: Correction) => {
    if (correction.change === "move") return true;
    return correction.change === "adopt"
      ? !Bun.deepEquals(correctQuirks(quirks, [correction]), quirks)
      : applyCorrections(body, [correction]) !== body;
  };
  for (const rule of protocol === "anthropic" ? nativeRules : rules) {
    const corrections = rule(refusal);
    if (corrections === "nothing helps") return undefined;
    if (corrections.length > 0) return corrections.find(changesSomething);
  }
  return undefined;
}

/** Best first: a rule that matches ends the search, even if its correction was tried already. */
const rules: readonly Rule[] = [
  changeProtocol,
  correctItems,
  shrinkAnswer,
  capAnswer,
  raiseAnswer,
  askForStream,
  relaxFormat,
  disableReasoning,
  separateFormat,
  renameRole,
  correctPrefill,
  correctOrder,
  correctCallIds,
  correctDescription,
  correctToolCount,
  correctToolMedia,
  correctReplay,
  correctCallSignatures,
  correctTemplate,
  correctThinkingType,
  correctSchema,
  correctContent,
  correctNamed,
  correctReasoning,
];

/** Only what other backends have left in the conversation is corrected: any other refusal is for the client. */
const nativeRules: readonly Rule[] = [correctSignatures, dropUnknownField];

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

/**
 * DashScope's Qwen: "only support stream mode"; others: "enable_thinking must be set to false for non-streaming calls".
 */
function askForStream({ words, body }: Refusal): Correction[] {
  if (body.stream !== false || !/\bnon-?stream|\bstream(ing)?\b/.test(words)) return [];
  return [{ change: "adopt", path: "stream", to: "a stream", quirks: { request: { wholeAnswers: false } } }];
}

/** A valid schema, but outside the strict subset. */
function relaxFormat({ words, body }: Refusal): Correction[] {
  const isFormat = /invalid schema for response_format|invalid_json_schema/.test(words);
  const isGrammar =
    !Array.isArray(body.tools) && /grammar|json schema conversion|unrecognized schema/.test(words);
  if (!isFormat && !isGrammar) return [];
  return [
    { change: "drop", path: "response_format.json_schema.strict" },
    { change: "drop", path: "text.format.strict" },
    formatAsObject,
    textAsObject,
  ];
}

/** GPT-5.6 and later: "Function tools with reasoning_effort are not supported", at `/chat/completions`. */
function disableReasoning({ words, body, quirks }: Refusal): ReturnType<Rule> {
  // A model that cannot be switched off takes no tools at all there.
  const { reasoning_effort: off = "none" } = quirks.reasoning.off;
  const isMeant = /\bfunction tools?\b/.test(words) && /reasoning/.test(words) && isRefused(words);
  if (!isMeant || !Array.isArray(body.tools)) return [];
  if (off !== "none") return "nothing helps";
  return [{ change: "replace", path: "reasoning_effort", to: "none", withTools: true }];
}

/** Groq: "json mode cannot be combined with tool/function calling". */
function separateFormat({ words }: Refusal): Correction[] {
  return /(json mode|response[_ ]format|structured outputs?)\b.*\b(with|and) (tool|function)/.test(words) &&
    isRefused(words)
    ? [
        { change: "drop", path: "response_format", withTools: true },
        { change: "drop", path: "text.format", withTools: true },
      ]
    : [];
}

function renameRole({ params, words, body }: Refusal): Correction[] {
  const isMeant = /\bdeveloper\b|\d\]?\.(\w+\.)?role\b/.test(`${params} ${words}`);
  if (!isMeant || !isRefused(words)) return [];
  return ["messages[].role", "input[].role"]
    .map((path): Correction => ({ change: "replace", path, from: "developer", to: "system" }))
    .filter((toSystem) => applyCorrections(body, [toSystem]) !== body);
}
