/** What a client has sent so far: the words that a person typed, and what the tools have answered. */
import { type DemoMessage, type DemoRequest, textOf } from "./wire.ts";

export type Conversation = {
  /** What the person said last, without what their client has added. */
  readonly said: string;
  /** What the tool answered last; undefined if the next answer is the first to what was said. */
  readonly result: string | undefined;
  /** All calls so far. */
  readonly calls: readonly { readonly name: string /** JSON. */; readonly arguments: string }[];
};

export function readConversation({ messages }: DemoRequest): Conversation {
  const turn = messages.slice(messages.findLastIndex(({ role }) => role === "assistant") + 1);
  const result = turn.findLast(({ role }) => role === "tool");
  return {
    said: findWords(turn),
    result: result && withoutMarkup(textOf(result)),
    calls: messages.flatMap((message) =>
      (message.tool_calls ?? []).map(({ function: { name, arguments: args } }) => ({
        name: name ?? "",
        arguments: args,
      })),
    ),
  };
}

/** The last words of a person: some clients send their reminders as messages of their own. */
function findWords(messages: readonly DemoMessage[]): string {
  const typed = messages
    .filter(({ role }) => role === "user")
    .map((message) => withoutMarkup(textOf(message)).trim());
  return typed.findLast((words) => words !== "") ?? "";
}

/** Clients wrap what they add in elements with compound names, such as `system-reminder`, which HTML does not have. */
const markup = /<([a-z]+(?:[-_][a-z]+)+)\b[^>]*>.*?<\/\1>/gs;

function withoutMarkup(text: string): string {
  return text.replace(markup, "");
}

/**
 * The directory that the client works in, if a system message names it, or what the client has added to a person's
 * words; clients write that line alike.
 */
export function findDirectory({ messages }: DemoRequest): string | undefined {
  const told = messages.flatMap((message) => {
    if (message.role === "system" || message.role === "developer") return [textOf(message)];
    return message.role === "user" ? (textOf(message).match(markup) ?? []) : [];
  });
  return /working directory(?: is)?: *[`"']?([^\n`"'<]+)/i.exec(told.join("\n"))?.[1]?.trim();
}
