/**
 * Room `upstream/openai-chat/request/`: a plan, written as a body. Not here: decisions; the plan and the quirks say
 * what to write.
 *
 * Writes the plan as a body for `/chat/completions`.
 */
import { writeJson } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { TextPart } from "../../content/parts.ts";
import { joinParts } from "../../content/write-content.ts";
import { applyCorrections, type Correction } from "../../corrections.ts";
import { stopsOf } from "../../filters/choose-filters.ts";
import type { WrittenRequest } from "../../protocol.ts";
import { writeReasoning } from "../../reasoning/write-reasoning.ts";
import { createToolNames } from "../../tools/choose-tool-names.ts";
import { writeTools } from "../../tools/write-tools.ts";
import {
  systemParts,
  type WrittenFormat,
  writeFormat,
  writeIdentity,
  writeSampling,
  writeTier,
} from "../../write-options.ts";
import type { ChatMessage, ChatRequest } from "../wire.ts";
import { writeBody } from "./write-body.ts";
import { addInstruction, markPrefill } from "./write-last-message.ts";
import { writeMessages } from "./write-messages.ts";
import { addWebTools } from "./write-search.ts";

/** OpenRouter and Anthropic accept no more. */
const maxCacheMarks = 4;

/**
 * @param corrections of the body; the plan already contains what they say about its decisions
 * @throws ProxyError `invalid-request` for what the backend certainly does not accept
 */
export function writeRequest(plan: Plan, corrections: readonly Correction[] = []): WrittenRequest {
  const { quirks } = plan;
  const notes = new Set<string>();
  const note = (words: string) => void notes.add(words);
  const names = createToolNames([...plan.tools.offered, ...plan.tools.withheld]);
  const { messages, prefill } = writeMessages(plan, names, note);
  plan.toolUse.notes.forEach(note);
  const { tools, search } = addWebTools(plan, writeTools(plan, names, note), note);
  if (tools.instruction !== undefined) addInstruction(messages, tools.instruction);
  const format = writeFormat(plan);
  const chat: ChatRequest = {
    model: plan.model,
    messages: [...writeSystem(plan, [tools.manual, format.instruction]), ...messages],
    stream: !plan.wholeAnswer,
    ...(quirks.usage.inStream && !plan.wholeAnswer && { stream_options: { include_usage: true } }),
    [quirks.request.maxTokensField]: plan.maxTokens,
    ...writeSampling(plan, note),
    ...writeOtherSampling(plan, note),
    ...tools.fields,
    ...writeResponseFormat(format),
    ...writeReasoning(plan),
    ...writeIdentity(plan),
    ...writeTier(plan),
    ...writeFallbacks(plan),
    ...markPrefill(messages, quirks.messages.prefill),
  };
  markWhole(chat, plan);
  limitCacheMarks(chat);
  if (quirks.caching.breakpoints) writeBreakpoints(chat);
  const body = writeBody(chat, (fields) =>
    writeJson(applyCorrections({ ...chat, ...fields, ...search }, corrections)),
  );
  return { body, clientToolName: names.toClient, prefill, notes: [...notes] };
}

function writeSystem(plan: Plan, additions: readonly (string | undefined)[]): ChatMessage[] {
  const parts = systemParts(plan, additions);
  if (parts.length === 0) return [];
  const joined = joinParts(parts, "\n\n");
  return [{ role: plan.quirks.messages.systemRole, content: typeof joined === "string" ? joined : parts }];
}

type OtherSampling = Pick<ChatRequest, "top_k" | "stop">;

function writeOtherSampling(plan: Plan, note: (words: string) => void): OtherSampling {
  const { sampling } = plan.quirks;
  const { top_k } = plan.request;
  if (!sampling.topK && top_k != null) note("left out top_k");
  // The rest is enforced on the reply.
  const stop = stopsOf(plan).slice(0, sampling.maxStops);
  return { ...(sampling.topK && top_k != null && { top_k }), ...(stop.length > 0 && { stop }) };
}

/** A JSON schema in a member of its own. */
function writeResponseFormat({ fields }: WrittenFormat): Pick<ChatRequest, "response_format"> {
  if (!fields) return {};
  if (fields.type === "json_object") return { response_format: fields };
  const { type, ...json_schema } = fields;
  return { response_format: { type, json_schema } };
}

/** Another model in an emergency. */
function writeFallbacks({ model, fallbackModels }: Plan): Pick<ChatRequest, "models"> {
  return fallbackModels.length > 0 ? { models: [model, ...fallbackModels] } : {};
}

/** The client asks to cache the whole prompt, wherever that ends by now. */
function markWhole(chat: ChatRequest, { request: { cache_control }, quirks }: Plan): void {
  if (!cache_control || !quirks.caching.marks) return;
  const last = textPartsOf(chat).at(-1);
  if (quirks.caching.automatic) chat.cache_control = cache_control;
  else if (last) last.cache_control ??= cache_control;
}

/** Keeps the last marks, which cover the longest prefixes. Automatic caching takes the place of one mark. */
function limitCacheMarks(chat: ChatRequest): void {
  const marked = [...(chat.tools ?? []), ...textPartsOf(chat)].filter((one) => one.cache_control);
  const maxMarks = chat.cache_control ? maxCacheMarks - 1 : maxCacheMarks;
  for (const holder of marked.slice(0, -maxMarks)) delete holder.cache_control;
}

/** OpenAI's form of a mark, which tools do not have. */
function writeBreakpoints(chat: ChatRequest): void {
  for (const tool of chat.tools ?? []) delete tool.cache_control;
  for (const part of textPartsOf(chat)) {
    if (!part.cache_control) continue;
    delete part.cache_control;
    part.prompt_cache_breakpoint = { mode: "explicit" };
  }
}

/** The message parts that may carry a mark. */
function textPartsOf({ messages }: ChatRequest): TextPart[] {
  return messages.flatMap(({ content }) =>
    Array.isArray(content) ? content.flatMap((part) => (part.type === "text" ? [part] : [])) : [],
  );
}
