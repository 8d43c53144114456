/** Refusals of how messages and tools are written; the corrected request says the same in another form. */
import type { QuirkChanges } from "../../catalog/quirks.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import type { Correction } from "../corrections.ts";
import { isRefused, type Refusal } from "./correct-field.ts";

function adopt(path: string, to: string, quirks: QuirkChanges): Correction[] {
  return [{ change: "adopt", path, to, quirks }];
}

const role = "['\"`]?(user|system|developer|tool|assistant)['\"`]?";

/**
 * "Unexpected role 'user' after role 'tool'" (Mistral), "Conversation roles must alternate user/assistant/…",
 * "System message must be at the beginning" (templates): an assistant message is put between, or a system message in
 * mid-conversation becomes part of the user's.
 */
export function correctOrder({ text, body, quirks }: Refusal): readonly Correction[] {
  const follows = new RegExp(
    `${role}( message| role|s)* ?(after|following|follows?) (a |an |the )?(role )?${role}`,
  );
  const [, first] = follows.exec(text) ?? [];
  const isOrder =
    /roles? must alternate|alternating roles|expected last role|unexpected role|order of (messages|roles)/;
  const isSystem =
    /system (message|role|prompt)s? (must|should|can only|may only|has to)|(only|must) .*first message/;
  const isMidSystem =
    first === "system" || first === "developer" || (isSystem.test(text) && /begin|first|start/.test(text));
  if (isMidSystem && quirks.messages.midSystem !== "reminder") {
    return adopt("a system message in mid-conversation", "part of the user's", {
      messages: { midSystem: "reminder" },
    });
  }
  const isFollowing = isUserAfterTool.test(text) && hasUserAfterTool(body);
  if (!isFollowing && !isMidSystem && !isOrder.test(text)) return [];
  if (/unexpected role ['"`]?developer/.test(text)) return [];
  return adopt("the order of messages", "one with the assistant after tool results", {
    messages: { userAfterTool: false, midSystem: "reminder" },
  });
}

/** "Expected last role User or Tool (or Assistant with prefix True) but got assistant": an answer begun needs a mark. */
export function correctPrefill({ text, body, quirks }: Refusal): readonly Correction[] {
  const last = Array.isArray(body.messages) ? body.messages.at(-1) : undefined;
  const isMeant = /\blast (role|message)\b/.test(text) && /\bprefix\b/.test(text);
  if (!isMeant || !isObject(last) || last.role !== "assistant") return [];
  if (quirks.messages.prefill !== "plain") return [];
  return adopt("the beginning of an answer", "one with a prefix mark", { messages: { prefill: "prefix" } });
}

/** Both roles, and a word for what comes after what. */
const isUserAfterTool =
  /^(?=.*\buser\b)(?=.*\btool\b).*(\bafter\b|follow|preced|\bbefore\b|order|sequence|\bthen\b|\bnext\b|[-=]>|→)/s;

function hasUserAfterTool({ messages }: JsonObject): boolean {
  const roles = Array.isArray(messages) ? messages.filter(isObject).map((message) => message.role) : [];
  return roles.some((role, at) => role === "user" && roles[at - 1] === "tool");
}

/** The content of an assistant message with nothing but calls: null, or empty, or a space. */
export function correctContent({ text, params, body, quirks }: Refusal): readonly Correction[] {
  const said = `${params} ${text}`;
  const isMeant =
    /\bcontents?\b/.test(said) &&
    /\bnull|\bnone|\bnil\b|empty|blank|non-?empty|at least (1|one) char|valid string|a string|required|missing|whitespace|expected str|must (be set|have|contain|include)/.test(
      said,
    );
  const sent = Array.isArray(body.messages) ? body.messages.filter(isObject) : [];
  const isBare = (message: JsonObject) => message.role === "assistant" && !message.content;
  if (!isMeant || !sent.some(isBare)) return [];
  const next = quirks.messages.emptyAssistantContent === null ? "" : " ";
  return adopt("the content of a message with calls alone", JSON.stringify(next), {
    messages: { emptyAssistantContent: next },
  });
}

/** OpenAI: "string too long. Expected a string with maximum length 1024" for `tools[0].function.description`. */
export function correctDescription({ text, params, quirks }: Refusal): readonly Correction[] {
  const said = `${params} ${text}`;
  if (!/description/.test(said) || !/too long|at most|max(imum)?\b|exceed|longer than|limit/.test(said))
    return [];
  const [max] = [...said.matchAll(/(?<![\w.])\d{3,5}(?![\w.]*\w)/g)]
    .map(([number]) => Number(number))
    .filter((number) => number >= 100)
    .sort((one, other) => one - other);
  const limit = max ?? 1024;
  if (limit >= quirks.tools.maxDescription) return [];
  return adopt("descriptions of tools", `at most ${limit} characters`, { tools: { maxDescription: limit } });
}

/** Ids of calls: "must be a-z, A-Z, 0-9, with a length of 9" (Mistral); or a pattern or a length that OpenAI's fit. */
export function correctCallIds({ text, params, quirks }: Refusal): readonly Correction[] {
  const said = `${params} ${text}`;
  if (!/tool[_ ]?calls?\b.*\bids?\b|tool_use(\.|_)id|call[_ ]ids?\b/.test(said)) return [];
  if (/length of 9\b|9 char|exactly 9/.test(said)) {
    return adopt("ids of calls", "nine letters and digits", { tools: { callIds: "nine" } });
  }
  const isForm = /pattern|too long|maximum length|at most \d+ char|invalid (char|format)|alphanumeric/.test(
    said,
  );
  return isForm && quirks.tools.callIds === "keep"
    ? adopt("ids of calls", "at most 40 letters and digits", { tools: { callIds: "short" } })
    : [];
}

/** vLLM: "chat_template is not supported for Mistral tokenizers", which means the arguments for one as well. */
export function correctTemplate({ text, body }: Refusal): readonly Correction[] {
  return /chat[_ ]template/.test(text) && isRefused(text) && "chat_template_kwargs" in body
    ? [{ change: "drop", path: "chat_template_kwargs" }]
    : [];
}
