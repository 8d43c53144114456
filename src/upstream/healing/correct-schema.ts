/** What becomes of a tool's schema that a backend refuses: step by step less, until the tool is accepted. */
import type { SchemaLoss } from "../../catalog/quirks.ts";
import { asObject, isObject, type JsonObject } from "../../lib/json.ts";
import type { Correction } from "../corrections.ts";
import { listSchemas } from "../tools/walk-schema.ts";
import type { Refusal } from "./correct-field.ts";

/** Complaints about a schema, or about the grammar that a server makes of it. */
const aboutSchemas =
  /schema|\bregex|regular expression|regexp|\bpattern\b|\$?\bref\b|grammar|\bescape\b|\bparameters\b|\bproperties\b/;
/** Such a complaint is about tools even if it names none. */
const aboutTools =
  /grammar|json schema conversion|unrecognized schema|unsupported ref|pattern must|regexp?\b|bad escape|(tool|function)s?\b.*schema|schema.*\b(tool|function)s?\b|input_schema|function\.parameters|(tool|function)[_ ]parameters/;
const aboutAnswer =
  /response_format|invalid_json_schema|text\.format|tool call validation|failed_generation|tool_use_failed|did not match/;
const isUnfit =
  /invalid|unsupported|not (\w+ )?(support|valid|allow|permit)|n't support|unrecogni[sz]ed|unknown|unexpected|must|should|cannot|fail|missing|error|bad |is not a|not found|required/;

/** What a tool cannot do without; a complaint about one of these is answered by a simpler schema. */
const kept = new Set(["type", "properties", "required", "items", "anyOf", "oneOf", "allOf", "description"]);

/** The next step for the tool that the refusal is about, or for all if it names none. */
export function correctSchema(refusal: Refusal): readonly Correction[] {
  const { params, words, body } = refusal;
  if (!Array.isArray(body.tools) || !isUnfit.test(words)) return [];
  const tools = body.tools.filter(isObject);
  const said = `${params} ${words}`;
  if (aboutAnswer.test(said)) return [];
  // Nothing else in a request has an `additionalProperties`.
  const isKeyword = findKeywords(tools.map(functionOf), said).some((keyword) => /[A-Z$]/.test(keyword));
  if (!isKeyword && !aboutSchemas.test(said)) return [];
  const named = findNamed(refusal, tools);
  const isOnlyOne = /schema/.test(said) && !("response_format" in body);
  if (named === undefined && !isKeyword && !isOnlyOne && !aboutTools.test(said)) return [];
  const meant = named === undefined ? tools : [named];
  const functions = meant.map(functionOf);
  if (functions.some((one) => one.strict === true)) {
    const isNested = meant.some((tool) => isObject(tool.function));
    return isNested
      ? [{ change: "drop", path: "tools[].function.strict" }]
      : [{ change: "replace", path: "tools[].strict", from: true, to: false }];
  }
  const name = named === undefined ? "" : String(functionOf(named).name);
  return [adoptLoss(name, nextLoss(refusal, name, functions, said))];
}

/** A tool of `/chat/completions` has its function inside; one of `/responses` is the function. */
function functionOf(tool: JsonObject): JsonObject {
  return asObject(tool.function) ?? tool;
}

function adoptLoss(name: string, loss: SchemaLoss): Correction {
  return {
    change: "adopt",
    path: name === "" ? "all schemas of tools" : `the schema of tool ${name}`,
    to: loss.form === "full" ? `one without ${loss.keywords.join(", ")}` : loss.form,
    quirks: { tools: { refusedSchemas: { [name]: loss } } },
  };
}

/** First without what was named, then without all but the basics, then open. */
function nextLoss(
  { quirks }: Refusal,
  name: string,
  functions: readonly JsonObject[],
  said: string,
): SchemaLoss {
  const { refusedSchemas } = quirks.tools;
  const before = refusedSchemas[name] ?? refusedSchemas[""] ?? { keywords: [], form: "full" };
  const named = before.form === "full" ? findKeywords(functions, said) : [];
  if (named.length > 0) return { keywords: [...before.keywords, ...named], form: "full" };
  return { keywords: before.keywords, form: before.form === "full" ? "basic" : "open" };
}

/** The dispensable keywords of the schemas that the refusal names. */
function findKeywords(functions: readonly JsonObject[], said: string): string[] {
  const used = new Set(
    functions.flatMap(({ parameters }) =>
      isObject(parameters) ? [...listSchemas(parameters)].flatMap(([schema]) => Object.keys(schema)) : [],
    ),
  );
  return [...used].filter((keyword) => !kept.has(keyword) && isNamed(keyword, said));
}

function isNamed(keyword: string, said: string): boolean {
  if (keyword === "pattern" && /\bregex|regular expression|\bescape\b/.test(said)) return true;
  const word = keyword.toLowerCase().replace("$", "");
  return new RegExp(`(?<![\\w-])\\$?${word}(?![\\w-])`).test(said);
}

/** The tool whose name, or number in the list, the refusal contains. */
function findNamed({ fault, params, words }: Refusal, tools: readonly JsonObject[]): JsonObject | undefined {
  const told = [...fault.params, fault.text].join(" ");
  const nameOf = (tool: JsonObject) => String(functionOf(tool).name ?? "");
  const byName = tools
    .filter((tool) => nameOf(tool) !== "" && hasWord(told, nameOf(tool)))
    // A short name may be an ordinary word, or part of a path.
    .toSorted((one, other) => rankOf(told, nameOf(one)) - rankOf(told, nameOf(other)));
  // Gemini counts inside the first of its tools.
  const [number] = [
    /\bfunction_?declarations\b\W{0,3}(\d+)/,
    /\btools?\b\W{0,3}(\d+)/,
    /\bfunctions?\b\W{0,3}(\d+)/,
  ].flatMap((place) => {
    const found = place.exec(`${params} ${words}`)?.[1];
    return found === undefined ? [] : [Number(found)];
  });
  return (number === undefined ? undefined : tools[number]) ?? byName[0];
}

function hasWord(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w-])${RegExp.escape(name)}(?![\\w-])`).test(text);
}

/** Lower is likelier to be meant: a name in quotes or after "function", then a longer one. */
function rankOf(text: string, name: string): number {
  const isMarked = new RegExp(
    `(['"\`]|\\b(function|tool)s?:? ?['"\`]?)${RegExp.escape(name)}(?![\\w-])`,
    "i",
  ).test(text);
  return (isMarked ? 0 : 1000) - name.length;
}
