/**
 * Reads what a request asks, ignoring everything that may change between runs. A recorded answer must be found by
 * another run of the same pipeline, on another day and another machine, with a newer client. So the question is the
 * model and the conversation. Not part of it are system prompts, reminders and tool definitions (they contain the
 * date, the state of the repository and the client's version), parameters, ids, dates, durations, differences between
 * checkouts, and anything that looks like a key.
 */
import { asObject, asString, isObject, type JsonObject, listOf, parseJson } from "../../../lib/json.ts";
import type { SendRequest } from "../send.ts";
import { steady } from "./steady-text.ts";

export type Question = {
  readonly method: SendRequest["method"];
  /** The end of the URL's path: the host may change between runs, and the query may contain a version. */
  readonly endpoint: string;
  readonly model: string;
  /** One text per message, beginning with its role. */
  readonly conversation: readonly string[];
};

export function readQuestion({ method, url, body = "" }: SendRequest): Question {
  const { pathname } = new URL(url);
  const asked = asObject(parseJson(String(body))) ?? {};
  // Of `/chat/completions`, or of `/responses`.
  const messages = listOf(asked.messages ?? asked.input);
  return {
    method,
    endpoint: /[^/]+\/?$/.exec(pathname)?.[0] ?? "",
    model: asString(asked.model),
    conversation: messages
      .filter(isObject)
      .map((message) => ({ role: readRole(message), words: steady(readWords(message)) }))
      .filter(({ role }) => role !== "system" && role !== "developer" && role !== "reasoning")
      // Nothing but a reminder, which another version of the client puts elsewhere.
      .filter(({ role, words }) => words !== "" || role === "tool" || role === "function_call_output")
      .map(({ role, words }) => `${role}: ${words}`),
  };
}

/** Items that are not messages have a type instead. What is sealed is different in every run. */
function readRole({ role, type }: JsonObject): string {
  return asString(role) || asString(type);
}

/** A file name for the question, the same in every run that asks it. */
export function nameQuestion(question: Question): string {
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(question)).digest("hex").slice(0, 20);
}

function readWords({ content, output, tool_calls, type, ...message }: JsonObject): string {
  const said = content ?? output ?? "";
  const parts: readonly unknown[] = Array.isArray(said) ? said : [said];
  return [
    ...parts.map((part) => {
      const text = typeof part === "string" ? part : asObject(part)?.text;
      return typeof text === "string" ? text : JSON.stringify(part);
    }),
    ...listOf(tool_calls).map((call) => writeCall(asObject(asObject(call)?.function) ?? {})),
    ...(type === "function_call" ? [writeCall(message)] : []),
  ].join("\n");
}

function writeCall({ name, arguments: input }: JsonObject): string {
  return `${asString(name)}(${asString(input)})`;
}
