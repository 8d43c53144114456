/**
 * Room `upstream/openai-chat/request/`: a plan, written as a body. Not here: decisions; the plan and the quirks say
 * what to write.
 *
 * Writes the plan as a body for `/chat/completions`.
 */
import { createHash } from "node:crypto";
import type { MessagesRequest } from "../../../anthropic/wire.ts";
import { isBillingHeader } from "../../../catalog/claude-code/claude-code.ts";
import { writeJson } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import { applyCorrections, type Correction } from "../../corrections.ts";
import { stopsOf } from "../../filters/choose-filters.ts";
import type { WrittenRequest } from "../../protocol.ts";
import { adaptSchema, isStrictSchema } from "../../tools/adapt-schema.ts";
import { createToolNames } from "../../tools/choose-tool-names.ts";
import type { ChatMessage, ChatRequest, TextPart } from "../wire.ts";
import { writeBody } from "./write-body.ts";
import { joinParts } from "./write-content.ts";
import { addInstruction, markPrefill } from "./write-last-message.ts";
import { writeMessages } from "./write-messages.ts";
import { writeReasoning } from "./write-reasoning.ts";
import { addWebTools } from "./write-search.ts";
import { writeTools } from "./write-tools.ts";

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
    ...tools.fields,
    ...format.fields,
    ...writeReasoning(plan),
    ...writeIdentity(plan),
    ...writeService(plan),
    ...markPrefill(messages, quirks.messages.prefill),
  };
  markWhole(chat, plan);
  limitCacheMarks(chat);
  if (quirks.caching.breakpoints) writeBreakpoints(chat);
  const body = writeBody(chat.messages, (messages) =>
    writeJson(applyCorrections({ ...chat, messages, ...search }, corrections)),
  );
  return { body, clientToolName: names.toClient, prefill, notes: [...notes] };
}

/** @param additions what else the model has to be told there */
function writeSystem({ request, quirks }: Plan, additions: readonly (string | undefined)[]): ChatMessage[] {
  // Claude Code's first block would prevent backends from caching.
  const blocks = (request.system ?? []).filter(({ text }) => text.trim() !== "" && !isBillingHeader(text));
  const parts = blocks.map(
    ({ text, cache_control }): TextPart => ({
      type: "text",
      text,
      ...(cache_control && quirks.caching.marks && { cache_control }),
    }),
  );
  for (const text of additions) if (text !== undefined) parts.push({ type: "text", text });
  if (parts.length === 0) return [];
  const joined = joinParts(parts, "\n\n");
  return [{ role: quirks.messages.systemRole, content: typeof joined === "string" ? joined : parts }];
}

type Sampling = Pick<ChatRequest, "temperature" | "top_p" | "top_k" | "stop">;

function writeSampling(plan: Plan, note: (words: string) => void): Sampling {
  const { request, quirks } = plan;
  const { temperature, top_p, top_k } = request;
  if (!quirks.sampling.allowed && (temperature ?? top_p ?? undefined) !== undefined)
    note("left out temperature and top_p");
  if (!quirks.sampling.topK && top_k != null) note("left out top_k");
  // The rest is enforced on the reply.
  const stop = stopsOf(plan).slice(0, quirks.sampling.maxStops);
  return {
    ...(quirks.sampling.allowed &&
      temperature != null && { temperature: clamp(temperature, quirks.sampling.temperatureRange) }),
    ...(quirks.sampling.allowed && top_p != null && { top_p: clamp(top_p, quirks.sampling.topPRange) }),
    ...(quirks.sampling.topK && top_k != null && { top_k }),
    ...(stop.length > 0 && { stop }),
  };
}

function clamp(value: number, [from, to]: readonly [number, number]): number {
  return Math.min(to, Math.max(from, value));
}

type Format = { readonly fields: Pick<ChatRequest, "response_format">; readonly instruction?: string };

/** A JSON schema for the answer: enforced by the backend, or else put into words for the model. */
function writeFormat({ format, quirks }: Plan): Format {
  if (!format) return { fields: {} };
  const { form } = format;
  const schema = adaptSchema(format.schema, quirks.tools);
  if (form !== "json_schema") {
    const instruction = `Answer with a JSON object and nothing else. It must match this JSON schema:\n${JSON.stringify(schema)}`;
    return { fields: form === "none" ? {} : { response_format: { type: form } }, instruction };
  }
  const strict = isStrictSchema(schema) && { strict: true };
  return {
    fields: {
      response_format: { type: "json_schema", json_schema: { name: "response", schema, ...strict } },
    },
  };
}

type Service = Pick<ChatRequest, "service_tier" | "models">;

/** Service tier: faster for more money, the usual price, or another model in an emergency. */
function writeService({ request, quirks, model, fallbackModels }: Plan): Service {
  const tier =
    request.speed === "fast" ? "priority" : request.service_tier === "standard_only" ? "default" : undefined;
  return {
    ...(quirks.request.serviceTier && tier && { service_tier: tier }),
    ...(fallbackModels.length > 0 && { models: [model, ...fallbackModels] }),
  };
}

type Identity = Pick<ChatRequest, "user" | "safety_identifier" | "prompt_cache_key" | "session_id">;

/** A hash that identifies the user: the client's id names devices and accounts, which should not leave. */
function writeIdentity({ request, quirks, sessionId }: Plan): Identity {
  const user = userHash(request);
  return {
    ...(quirks.request.userId !== "none" && user !== undefined && { [quirks.request.userId]: user }),
    ...(quirks.caching.keyField !== "none" &&
      sessionId !== undefined && { [quirks.caching.keyField]: sessionId.slice(0, 64) }),
  };
}

function userHash({ metadata }: MessagesRequest): string | undefined {
  if (!metadata?.user_id) return undefined;
  return createHash("sha256").update(metadata.user_id).digest("hex");
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
