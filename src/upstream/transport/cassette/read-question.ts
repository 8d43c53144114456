/**
 * Reads what a request asks, ignoring everything that may change between runs. A recorded answer must be found by
 * another run of the same pipeline, on another day and another machine, with a newer client. So the question is the
 * model and the conversation. Not part of it are system prompts, reminders and tool definitions (they contain the
 * date, the state of the repository and the client's version), parameters, ids, dates, durations, differences between
 * checkouts, and anything that looks like a key.
 */
import { asObject, asString, isObject, type JsonObject, parseJson } from "../../../lib/json.ts";
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
  const chat = asObject(parseJson(body)) ?? {};
  const messages: readonly unknown[] = Array.isArray(chat.messages) ? chat.messages : [];
  return {
    method,
    endpoint: /[^/]+\/?$/.exec(pathname)?.[0] ?? "",
    model: asString(chat.model),
    conversation: messages
      .filter(isObject)
      .filter(({ role }) => role !== "system" && role !== "developer")
      .map((message) => ({ role: asString(message.role), words: steady(readWords(message)) }))
      // Nothing but a reminder, which another version of the client puts elsewhere.
      .filter(({ role, words }) => words !== "" || role === "tool")
      .map(({ role, words }) => `${role}: ${words}`),
  };
}

/** A file name for the question, the same in every run that asks it. */
export function nameQuestion(question: Question): string {
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(question)).digest("hex").slice(0, 20);
}

function readWords({ content, tool_calls }: JsonObject): string {
  const parts = Array.isArray(content) ? content : [content ?? ""];
  const calls = Array.isArray(tool_calls) ? tool_calls : [];
  return [
    ...parts.map((part) => {
      const text = typeof part === "string" ? part : asObject(part)?.text;
      return typeof text === "string" ? text : JSON.stringify(part);
    }),
    ...calls.map((call) => {
      const { name, arguments: input } = asObject(asObject(call)?.function) ?? {};
      return `${asString(name)}(${asString(input)})`;
    }),
  ].join("\n");
}
