/**
 * Reads tool calls that a model wrote as text, in the manner of its chat template: `<tool_call>{…}</tool_call>`,
 * `<function=NAME><parameter=KEY>…`, `<invoke name="NAME">…`, `[TOOL_CALLS]NAME[ARGS]{…}`, a JSON object with a name
 * and arguments, and mixtures of these. Templates differ in their marks, so any tag that speaks of tools or functions
 * is one.
 */
import { fitsSchema } from "../../lib/fits-schema.ts";
import { asString, isObject, type JsonObject, parseJson } from "../../lib/json.ts";
import { allowedTypes, hasType, memberSchema } from "../../lib/read-member-schema.ts";
import { createJsonRepairer } from "../../lib/repair-json.ts";
import { repairWord } from "../../lib/repair-token.ts";
import { findObjectEnd } from "../../lib/scan-json.ts";

/** A tool that the model may call. */
export type TextTool = {
  readonly name: string;
  readonly toolset?: string | undefined;
  readonly schema: JsonObject;
};

export type TextCall = { readonly tool: TextTool; readonly input: JsonObject };

type Parsing = {
  readonly text: string;
  /** The tool of that name, by the backend's name for it. */
  readonly findTool: (name: string) => TextTool | undefined;
  at: number;
  /** The tool whose arguments come next. */
  tool: TextTool | undefined;
  /** Arguments that were written as tags. */
  input: JsonObject | undefined;
  /** The key whose value comes next. */
  key: string | undefined;
  /** The last token was a mark, after which a bare name may stand. */
  isAfterMark: boolean;
  readonly calls: TextCall[];
};

/** `cut`: more text may make calls of it. `none`: nothing can. */
type Step = "next" | "cut" | "none";

/**
 * The calls, if the whole text is nothing but calls of known tools with arguments that fit their schemas.
 * @returns `cut` if it is the beginning of such a text, `none` if it cannot become one
 */
export function parseTextCalls(
  text: string,
  findTool: (name: string) => TextTool | undefined,
): readonly TextCall[] | "cut" | "none" {
  const parsing: Parsing = {
    text,
    findTool,
    at: 0,
    tool: undefined,
    input: undefined,
    key: undefined,
    isAfterMark: false,
    calls: [],
  };
  for (;;) {
    parsing.at += countSpace(text, parsing.at);
    if (parsing.at >= text.length) break;
    const step = readToken(parsing);
    if (step !== "next") return step;
  }
  if (parsing.tool && parsing.input && !endCall(parsing)) return "none";
  return parsing.calls.length > 0 && !parsing.tool ? parsing.calls : "cut";
}

/** White space, and what models put between calls. */
function countSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /[\s,;]/.test(text.charAt(at))) at += 1;
  return at - from;
}

function readToken(parsing: Parsing): Step {
  const { text, at } = parsing;
  switch (text[at]) {
    case "<":
      return readTag(parsing);
    case "[":
      return readBracket(parsing);
    case "{":
      return readObject(parsing);
    case "`":
      return readFence(parsing);
    default:
      return readName(parsing);
  }
}

/** Longest tag, in characters. */
const maxTag = 300;
const tagForm = /^<(\/?)([^\s<>=]{1,80})(?:=([^<>]*)|\s([^<>]*))?>/;
const partOfTag = /^<\/?[^\s<>=]{0,80}(?:[=\s][^<>]*)?$/;
/** Names of tags around calls, without their decoration. */
const mark = /tool|function|invoke/;
const parameter = /^(?:parameter|param)$/;
/** Special tokens of chat templates that leak in between or at the end: `<|im_end|>`, `<｜end▁of▁sentence｜>`. */
const special = /^<[|｜][^<>]*[|｜]>$|^<\/s>$/;

function readTag(parsing: Parsing): Step {
  const { text, at } = parsing;
  const head = text.slice(at, at + maxTag);
  const found = tagForm.exec(head);
  if (!found) return head.length < maxTag && partOfTag.test(head) ? cutUnlessOther(head) : "none";
  const [whole, slash, decorated = "", value, attributes = ""] = found;
  const name = bareName(decorated);
  const key = value ?? /\bname\s*=\s*["']?([^"'\s]+)/.exec(attributes)?.[1];
  parsing.at += whole.length;
  if (name === "arg_key" || name === "arg_value" || parameter.test(name))
    return slash === "" ? readTagged(parsing, name, key) : "next";
  if (!mark.test(name) && !special.test(whole)) return "none";
  const isEnd = slash !== "" || /end$/.test(name);
  if ((isEnd || key !== undefined) && parsing.tool && (parsing.input || isEnd) && !endCall(parsing))
    return "none";
  if (key !== undefined && slash === "") return beginCall(parsing, key.trim().replace(/^["']|["']$/g, ""));
  parsing.isAfterMark = !isEnd;
  return "next";
}

/** A name without bars and namespaces: `<|tool_call|>`, `<minimax:tool_call>`, `<｜DSML｜invoke …>`. */
function bareName(decorated: string): string {
  return (
    decorated
      .toLowerCase()
      .split(/[|｜:]/)
      .findLast((part) => part !== "") ?? ""
  );
}

/** Half a tag: it may only wait if its name is not complete, or is one of ours. */
function cutUnlessOther(head: string): Step {
  const name = /^<\/?([^\s=]*)[\s=]/.exec(head)?.[1];
  return name === undefined || mark.test(name) || parameter.test(bareName(name)) ? "cut" : "none";
}

/** The text up to the closing tag: a key, or the value of one. */
function readTagged(parsing: Parsing, name: string, key: string | undefined): Step {
  const { text, at, tool } = parsing;
  if (!tool) return "none";
  const closing = new RegExp(`</(?:[^\\s<>=/]*[|｜:])?${name}>`, "g");
  closing.lastIndex = at;
  const end = closing.exec(text);
  if (!end) return "cut";
  const inner = text.slice(at, end.index);
  parsing.at = closing.lastIndex;
  if (name === "arg_key") {
    parsing.key = inner.trim();
    return "next";
  }
  const member = key ?? parsing.key;
  if (member === undefined) return "none";
  parsing.input ??= {};
  // Not assigned: the name may be `__proto__`.
  Object.defineProperty(parsing.input, member, {
    value: readValue(inner, memberSchema(tool.schema, member)),
    enumerable: true,
    configurable: true,
    writable: true,
  });
  parsing.key = undefined;
  return "next";
}

/** Text between tags is a string, unless the schema wants something else. Templates put it on lines of its own. */
function readValue(inner: string, schema: JsonObject | undefined): unknown {
  const types = allowedTypes(schema);
  const value = parseJson(inner) ?? parseJson(repairWord(inner.trim()) ?? "");
  if (types && !types.has("string") && value !== undefined && hasType(types, value)) return value;
  return inner.replace(/^\r?\n/, "").replace(/\r?\n$/, "");
}

/** Mistral's marks, or a list of call objects. */
function readBracket(parsing: Parsing): Step {
  const { text, at } = parsing;
  const head = text.slice(at, at + 40);
  const found = /^\[\/?[A-Z_]+\]/.exec(head)?.[0];
  if (found !== undefined) {
    parsing.at += found.length;
    parsing.isAfterMark = true;
    return "next";
  }
  if (/^\[\/?[A-Z_]*$/.test(head)) return "cut";
  if (/^\[\s*$/.test(head)) return "cut";
  // The brackets of a list are skipped like marks; its items are read one by one.
  if (!/^\[\s*\{/.test(head) || parsing.tool) return "none";
  parsing.at += 1;
  return "next";
}

const callKeys: ReadonlySet<string> = new Set([
  "id",
  "type",
  "name",
  "tool",
  "tool_name",
  "function",
  "arguments",
  "parameters",
  "args",
  "input",
]);

function readObject(parsing: Parsing): Step {
  const { text, at, tool } = parsing;
  const end = findObjectEnd(text, at);
  if (end === undefined) return tool || mayBeCall(parsing, text.slice(at, at + 200)) ? "cut" : "none";
  const value = readJson(text.slice(at, end));
  parsing.at = end;
  if (text[end] === "]" || /^\s*\]/.test(text.slice(end, end + 20))) parsing.at = text.indexOf("]", end) + 1;
  parsing.isAfterMark = false;
  if (!value) return "none";
  if (!tool) return addCallObject(parsing, value) ? "next" : "none";
  parsing.input = value;
  return endCall(parsing) ? "next" : "none";
}

/** Whether an unfinished object can be a call: by its first key, and by the name if that comes first. */
function mayBeCall({ findTool }: Parsing, head: string): boolean {
  const key = /^\{\s*"([^"\\]*)"/.exec(head)?.[1];
  if (key !== undefined) {
    if (!callKeys.has(key)) return false;
    const name = /^\{\s*"(?:name|tool|tool_name)"\s*:\s*"([^"\\]*)"/.exec(head)?.[1];
    return name === undefined || findTool(name) !== undefined;
  }
  return /^\{\s*(?:"[^"\\]*)?$/.test(head);
}

function readJson(text: string): JsonObject | undefined {
  const value = parseJson(text);
  if (isObject(value)) return value;
  const repairer = createJsonRepairer();
  const repaired = parseJson(repairer.push(text));
  return repairer.state === "complete" && isObject(repaired) ? repaired : undefined;
}

function addCallObject(parsing: Parsing, value: JsonObject): boolean {
  const call = isObject(value.function) ? value.function : value;
  const isStrange = (key: string) => !callKeys.has(key);
  if (Object.keys(value).some(isStrange) || Object.keys(call).some(isStrange)) return false;
  const name = [call.name, call.tool_name, call.tool, call.function].map(asString).find((one) => one !== "");
  const given = call.arguments ?? call.parameters ?? call.args ?? call.input;
  const input = typeof given === "string" ? parseJson(given) : given;
  if (name === undefined || !isObject(input)) return false;
  if (beginCall(parsing, name) !== "next") return false;
  parsing.input = input;
  return endCall(parsing);
}

/** DeepSeek puts arguments into a fence. */
function readFence(parsing: Parsing): Step {
  const head = parsing.text.slice(parsing.at, parsing.at + 20);
  const found = /^```(?:json)?/.exec(head)?.[0];
  if (!parsing.tool && parsing.calls.length === 0) return "none";
  if ("```json".startsWith(head)) return "cut";
  if (found === undefined) return "none";
  parsing.at += found.length;
  return "next";
}

/** A bare name after a mark. */
function readName(parsing: Parsing): Step {
  if (!parsing.isAfterMark || parsing.tool) return "none";
  const { text, at } = parsing;
  const name = /^[\w.:/-]{1,128}/.exec(text.slice(at, at + 129))?.[0];
  if (name === undefined) return "none";
  if (at + name.length === text.length) return "cut";
  parsing.at += name.length;
  // DeepSeek's word for the kind of call.
  if (name === "function" && /^\s*</.test(text.slice(parsing.at, parsing.at + 8))) return "next";
  return beginCall(parsing, name);
}

function beginCall(parsing: Parsing, name: string): Step {
  const tool = parsing.findTool(name);
  if (!tool) return "none";
  parsing.tool = tool;
  parsing.input = undefined;
  parsing.key = undefined;
  parsing.isAfterMark = false;
  return "next";
}

/** Whether the call's arguments fit; if so it is one. */
function endCall(parsing: Parsing): boolean {
  const { tool, input = {} } = parsing;
  parsing.tool = undefined;
  parsing.input = undefined;
  if (!tool || !fitsTool(input, tool.schema)) return false;
  parsing.calls.push({ tool, input });
  return true;
}

/** Every argument must be one that the tool knows. */
function fitsTool(input: JsonObject, schema: JsonObject): boolean {
  const { properties } = schema;
  const known = isObject(properties) ? properties : {};
  return Object.keys(input).every((name) => Object.hasOwn(known, name)) && fitsSchema(input, schema);
}
