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

/** OpenAI: "Invalid 'tools': array too long. Expected an array with maximum length 128, but got … length 130 instead." */
export function correctToolCount({ text, body }: Refusal): readonly Correction[] {
  const sent = Array.isArray(body.tools) ? body.tools.length : 0;
  if (!tooManyTools.test(text)) return [];
  const numbers = [...text.matchAll(/\d+/g)].map(([number]) => Number(number));
  const max = Math.max(...numbers.filter((number) => number >= minToolLimit && number < sent));
  return max > 0 ? adopt("the tools", `at most ${max}`, { tools: { max } }) : [];
}

const tooManyTools =
  /\btools['"`]? ?: (array too long|list should have at most|maximum number)|too many (tools|functions?)|(number|amount|count) of (tools|functions?)|(at most|up to|maximum( of)?|more than|exceeds?( the)?|limit of) \d+ (tools|functions?)/;

/** No backend takes fewer; a smaller number is about something else. */
const minToolLimit = 8;

/**
 * OpenAI: "Image URLs are only allowed for messages with role 'user', but this message with role 'tool' contains an
 * image URL". Others want a string there, and say where.
 */
export function correctToolMedia({ text, params, body, quirks }: Refusal): readonly Correction[] {
  const sent = Array.isArray(body.messages) ? body.messages : [];
  const holdsParts = (message: unknown) =>
    isObject(message) && message.role === "tool" && Array.isArray(message.content);
  if (quirks.media.toolResultImages === "after" || !sent.some(holdsParts)) return [];
  const [, place] = /\bmessages\W{1,2}(\d+)/.exec(`${params} ${text}`) ?? [];
  const isMeant = /\btool\b/.test(text) ? /image|content|part|array|list|string/.test(text) : false;
  if (!isMeant && !(place !== undefined && holdsParts(sent[Number(place)]))) return [];
  return adopt("images in results", "a user message after them", { media: { toolResultImages: "after" } });
}

/**
 * DeepSeek: "The reasoning_content in the thinking mode must be passed back to the API", Kimi: "reasoning_content is
 * missing in assistant tool call message": without any, an empty text, or a space for those that count letters.
 */
export function correctReplay({ text, quirks }: Refusal): readonly Correction[] {
  const isMeant =
    /\breasoning_content\b/.test(text) &&
    /must be (passed|sent|provided|included|present|returned|echoed)|missing|\brequired\b|(is|be) empty|non-?empty/.test(
      text,
    );
  if (!isMeant) return [];
  const { replay, required, fill } = quirks.reasoning;
  const isFilled = replay === "reasoning_content" && required === "every-turn";
  return adopt("reasoning of earlier turns", isFilled ? "at least a space" : "a field of every answer", {
    reasoning: { replay: "reasoning_content", required: "every-turn", fill: isFilled ? " " : fill },
  });
}

/** Gemini: "Function call is missing a thought_signature in functionCall parts". */
export function correctCallSignatures({ text }: Refusal): readonly Correction[] {
  return /thought_?signature/.test(text) && /missing|required|must/.test(text)
    ? adopt("calls of earlier turns", "signed ones", { reasoning: { replay: "thought-signature" } })
    : [];
}
