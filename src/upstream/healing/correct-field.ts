/** The fields that may be corrected, how a refusal names them, and what they become. */
import { extraFields, reasoningFields } from "../../catalog/backend-fields.ts";
import type { ConvertedProtocol, ProtocolName, Quirks } from "../../catalog/quirks.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { applyCorrections, type Correction } from "../corrections.ts";
import { efforts, nearestEffort } from "../reasoning/choose-effort.ts";
import type { Fault } from "../refusal/read-fault.ts";

/** A backend's complaint, and the request it complains about. */
export type Refusal = {
  /** In lower case, its numbers without separators. */
  readonly text: string;
  /** Text and codes. */
  readonly words: string;
  /** The fields that the server names beside its text, in lower case. */
  readonly params: string;
  readonly fault: Fault;
  readonly status: number;
  readonly body: JsonObject;
  /** Our own estimate of the prompt, in tokens. */
  readonly promptTokens: number;
  /** What the request was written with. */
  readonly quirks: Quirks;
  readonly protocol: ProtocolName;
  /** Other protocols that may be tried. */
  readonly otherProtocols: readonly ConvertedProtocol[];
};

/** Codes and wordings that reject a field or its value, for any reason. */
const refusals: readonly RegExp[] = [
  /unsupported|not (\w+ )?support|n't support|unavailable|not (a |an |yet )?(available|permitted|allowed|accepted|enabled|implemented|applicable|compatible|valid)/,
  /disallowed|forbidden|illegal|(not|n't) (recogni[sz]e|understand|know|implement|accept|allow|permit|take)|invalid (\w+ )?(parameter|argument|field|property|option)|no such (parameter|argument|field|property|option)/,
  /\b(remove|omit|leave out|do not (send|set|use|pass))\b|must be (exactly |equal to )?[\d.]+ (for|with|on|in)\b|at most \d+ /,
  /unrecogni[sz]ed|(unknown|unexpected) (parameter|argument|field|name|key|property|keyword|role|variant|value)/,
  /unknown_parameter|extra_forbidden|extra (fields|inputs)|additional propert/,
  /(cannot|(may|must|should) not) (both )?be|cannot (use|specify|set)|can't be|incompatible|mutually exclusive|deprecated/,
  /(supported|valid|allowed|possible) (\w+ )?values|(must|should) be one of|not one of|input should be|is mandatory/,
  // LM Studio, DeepSeek, Z.ai
  /restricted to|requires? (\w+ )?(thinking|reasoning)|not (greater|more|larger|higher) than/,
  /must be ['"`]|only ['"`\w]+ (is|are)|support(s|ed)? only|only supports?/,
];

export function isRefused(words: string): boolean {
  return refusals.some((wording) => wording.test(words));
}

type Field = {
  readonly path: string;
  /** Other words for it. */
  readonly alias?: RegExp;
  /** What replaces a field that cannot simply be removed, best first. */
  readonly fix?: (refusal: Refusal) => readonly Correction[];
};

/** The fields that may be corrected, by their path in the body; `fields` has those of single backends too. */
const commonFields: readonly Field[] = [
  { path: "max_tokens", fix: () => [{ change: "rename", path: "max_tokens", to: "max_completion_tokens" }] },
  {
    path: "max_completion_tokens",
    fix: () => [{ change: "rename", path: "max_completion_tokens", to: "max_tokens" }],
  },
  { path: "max_output_tokens" },
  { path: "max_tool_calls" },
  { path: "include", fix: leaveOutSources },
  { path: "store" },
  { path: "temperature" },
  { path: "top_p" },
  { path: "top_k" },
  { path: "stop" },
  { path: "stream_options" },
  { path: "tool_choice", alias: /\bforc(?:e|ed|ing) .{0,20}\btools?\b/, fix: relaxChoice },
  { path: "parallel_tool_calls" },
  { path: "response_format", fix: () => [formatAsObject, { change: "drop", path: "response_format" }] },
  { path: "response_format.json_schema.strict" },
  { path: "text.format", fix: () => [textAsObject, { change: "drop", path: "text" }] },
  { path: "text.format.strict" },
  { path: "tools[].function.strict" },
  { path: "tools[].strict" },
  { path: "cache_control" },
  { path: "tools[].cache_control" },
  { path: "messages[].content[].cache_control" },
  { path: "messages[].content[].prompt_cache_breakpoint" },
  { path: "messages[].reasoning_content" },
  { path: "messages[].reasoning" },
  { path: "messages[].reasoning_details" },
  { path: "messages[].tool_calls[].extra_content" },
  { path: "reasoning_effort", fix: (refusal) => lowerEffort(refusal, "reasoning_effort") },
  { path: "reasoning", fix: (refusal) => lowerEffort(refusal, "reasoning.effort") },
  // "Your organization must be verified to generate reasoning summaries", a 400.
  { path: "reasoning.summary", alias: /\breasoning summar(?:y|ies)\b/ },
  { path: "extra_body.google.thinking_config.thinking_level" },
  { path: "extra_body.google.thinking_config.thinking_budget" },
  { path: "extra_body.google.thinking_config.include_thoughts" },
  { path: "extra_body.google.thinking_config" },
  { path: "thinking_budget", fix: capBudget },
  { path: "service_tier" },
  { path: "models" },
  { path: "continue_final_message" },
  { path: "add_generation_prompt" },
  { path: "messages[].prefix" },
  { path: "messages[].partial" },
  { path: "input[].phase" },
  { path: "input[].content[].prompt_cache_breakpoint" },
  { path: "input[].output[].prompt_cache_breakpoint" },
  { path: "user" },
  { path: "safety_identifier" },
  { path: "prompt_cache_key" },
  { path: "session_id" },
];

const commonPaths = commonFields.map(({ path }) => path);

const fields: readonly Field[] = [
  ...commonFields,
  ...[...new Set([...reasoningFields, ...extraFields]).difference(new Set(commonPaths))].map((path) => ({
    path,
  })),
];

export const formatAsObject: Correction = {
  change: "replace",
  path: "response_format",
  from: { type: "json_schema" },
  to: { type: "json_object" },
};

/** The same in a body of `/responses`. */
export const textAsObject: Correction = {
  change: "replace",
  path: "text.format",
  from: { type: "json_schema" },
  to: { type: "json_object" },
};

/** The field that the refusal names: first in `param`, then in its text. */
export function correctNamed(refusal: Refusal): readonly Correction[] {
  if (!isRefused(refusal.words)) return [];
  const { params } = refusal;
  const isInside = /^(body\.)?(messages|input|tools|model)\b/.test(params);
  const present = fields.filter(
    ({ path }) =>
      applyCorrections(refusal.body, [{ change: "drop", path }]) !== refusal.body &&
      (!isInside || /[[\]]/.test(path)),
  );
  for (const text of [params, refusal.text]) {
    const [first] = present
      .map((field) => ({ field, rank: rankOf(field, text) }))
      .filter(({ rank }) => rank !== undefined)
      .sort((one, other) => (one.rank ?? 0) - (other.rank ?? 0));
    if (first) return fix(first.field, refusal);
  }
  return [];
}

/**
 * How well a text names the field; lower is better. Counts where its name occurs, and prefers, among fields with the
 * same name, the one whose parents are named too. Undefined if it is not named.
 */
function rankOf({ path, alias }: Field, text: string): number | undefined {
  const steps = path.replaceAll("[]", "").split(".");
  const [root = "", name = ""] = [steps[0], steps.at(-1)];
  const at = text.search(namePattern(name));
  if (at === -1) return alias?.test(text) ? text.length : undefined;
  if (steps.length === 1) return at;
  const isPlaceNamed = new RegExp(`\\b${root.replace(/s$/, "")}`).test(text);
  // A nested field is named after its parents, and is the one that is meant.
  return isPlaceNamed ? text.search(root.replace(/s$/, "")) - 0.5 : at + 0.5;
}

/** Names of several words are found anywhere, in any spelling; ordinary words only where a name is expected. */
function namePattern(name: string): RegExp {
  const words = name.split("_");
  if (words.length > 1) return new RegExp(`(?<!\\w)${words.join("[ _]?")}(?!\\w)`);
  const place =
    "^|['\"`.(]|: |(?:parameters?|arguments?|fields?|property|keys?|support|supports|supported|named?|invalid|unsupported|remove|omit):? ['\"`]?";
  return new RegExp(
    `(?:${place})${name}(?![\\w-])|\\b${name}(?=\\.\\w| (?:sequence|parameter|argument|field|option|value)s?\\b)`,
  );
}

/** "This model does not support thinking": whichever field asks for it. */
export function correctReasoning(refusal: Refusal): readonly Correction[] {
  const { text, body } = refusal;
  const isMeant =
    /(reasoning|thinking)( \w+)? (is|are) (not|only|mandatory)|(only works|only available) (in|with) thinking/.test(
      text,
    ) || /(not|n't) support (\w+ )?(reasoning|thinking)/.test(text);
  if (!isMeant) return [];
  const field = fields.find(({ path }) => reasoningFields.includes(path) && path in body);
  return field ? fix(field, refusal) : [];
}

/** MiniMax: "requires adaptive thinking", a 400 to `disabled`: the type that the refusal names in its place. */
export function correctThinkingType({ text, body }: Refusal): readonly Correction[] {
  const sent = isObject(body.thinking) ? body.thinking.type : undefined;
  if (typeof sent !== "string" || !/\bthinking\b/.test(text) || !isRefused(text)) return [];
  const [named] = ["adaptive", "enabled", "disabled", "auto"].filter(
    (type) => type !== sent && new RegExp(`\\b${type}\\b`).test(text),
  );
  return named === undefined ? [] : [{ change: "replace", path: "thinking.type", from: sent, to: named }];
}

/** Qwen: "The thinking_budget parameter must be a positive integer and not greater than 38912". */
function capBudget({ text, body }: Refusal): Correction[] {
  const path = "thinking_budget";
  const numbers = [...text.matchAll(/\d{3,}/g)].map(([number]) => Number(number));
  const [limit] = numbers.filter((number) => number < Number(body[path]));
  return limit === undefined ? [{ change: "drop", path }] : [{ change: "cap", path, to: limit }];
}

function fix(field: Field, refusal: Refusal): readonly Correction[] {
  return field.fix?.(refusal) ?? [{ change: "drop", path: field.path }];
}

/** A choice by name becomes "any of them", which becomes the model's own choice. */
function relaxChoice({ text, body }: Refusal): Correction[] {
  const path = "tool_choice";
  const isOnlyAuto = /\bauto\b/.test(text) && !/\b(required|any)\b/.test(text);
  if (isObject(body.tool_choice)) {
    return [{ change: "replace", path, from: { type: "function" }, to: isOnlyAuto ? "auto" : "required" }];
  }
  switch (body.tool_choice) {
    case "any":
      return [{ change: "replace", path, from: "any", to: isOnlyAuto ? "auto" : "required" }];
    case "required":
      return [{ change: "replace", path, from: "required", to: "auto" }];
    case "none":
    case "auto":
      return [{ change: "drop", path, from: body.tool_choice }];
    default:
      return [{ change: "drop", path }];
  }
}

/** A search without its pages is still one; sealed reasoning goes only if it is what was refused. */
function leaveOutSources({ text, params, body }: Refusal): Correction[] {
  const sent = Array.isArray(body.include) ? body.include : [];
  const [, place] = /\binclude\[(\d)\]/.exec(params) ?? [];
  const isMeant =
    place === undefined ? /web_search/.test(text) : /^web_search/.test(String(sent[Number(place)]));
  return isMeant
    ? [
        {
          change: "adopt",
          path: "include",
          to: "one without the pages of a search",
          quirks: { web: { sources: false } },
        },
      ]
    : [{ change: "drop", path: "include" }];
}

/** The nearest effort that the refusal lists; if it lists none, no effort at all. */
function lowerEffort({ text, body }: Refusal, path: "reasoning_effort" | "reasoning.effort"): Correction[] {
  const [field = ""] = path.split(".");
  const value = body[field];
  const sent = isObject(value) ? value.effort : value;
  const isNamed = (effort: string) => new RegExp(`(?<![\\w-])${effort}(?![\\w-])`).test(text);
  if (typeof sent !== "string") return [{ change: "drop", path: field }];
  const requested = efforts.find((effort) => effort === sent);
  const listed = efforts.filter((effort) => effort !== sent && isNamed(effort));
  const nearest = requested && nearestEffort(requested, listed);
  if (nearest !== undefined) return [{ change: "replace", path, from: sent, to: nearest }];
  // Only this value may be refused: where reasoning cannot be switched off, efforts may still be accepted.
  const from = field === "reasoning" ? { effort: sent } : sent;
  return [{ change: "drop", path: field, ...((sent === "none" || isNamed(sent)) && { from }) }];
}
