/**
 * Changes a request for a backend that knows less than Anthropic, or that refuses what others have signed. What is not
 * known to be a problem stays as it came.
 */
import { unseal } from "../../../anthropic/unseal.ts";
import { writeReminder } from "../../../catalog/claude-code/claude-code.ts";
import {
  type Quirks,
  type ReasoningEffort,
  reasoningEfforts,
  thinkingTypes,
} from "../../../catalog/quirks.ts";
import { asString, isObject, type JsonObject } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import { nearestEffort } from "../../reasoning/choose-effort.ts";
import { digestThinking } from "../../reasoning/digest-item.ts";
import { emptySignature } from "../../reasoning/pack-carrier.ts";

type Note = (words: string) => void;

/** Whether anything but the model's name has to change. */
export function needsAdapting({ quirks, request }: Plan): boolean {
  const { unknownFields, isComplete, thinking, efforts } = quirks.native;
  if (unknownFields.length > 0 || !isComplete) return true;
  if (thinking.length < thinkingTypes.length || efforts.length < reasoningEfforts.length) return true;
  return request.messages.some(({ content }) => content.some((block) => isForeign(block, quirks)));
}

export function adaptRequest(given: JsonObject, { quirks }: Plan, note: Note): JsonObject {
  const body = { ...given };
  for (const field of quirks.native.unknownFields) {
    if (body[field] !== undefined && body[field] !== null) note(`left out ${field}`);
    delete body[field];
  }
  if (!quirks.native.isComplete) Object.assign(body, keepOwnTools(body, note));
  if (Array.isArray(body.messages)) body.messages = adaptMessages(body.messages, quirks, note);
  Object.assign(body, adaptThinking(body, quirks, note));
  return withoutUndefined(body);
}

/** Tools that the client runs, by their own schemas. */
function keepOwnTools({ tools, tool_choice }: JsonObject, note: Note): JsonObject {
  if (!Array.isArray(tools)) return {};
  const own = tools.filter((tool) => isObject(tool) && (tool.type ?? "custom") === "custom");
  if (own.length === tools.length) return {};
  for (const tool of tools.filter(isObject))
    if (!own.includes(tool)) note(`left out the tool ${asString(tool.name) || asString(tool.type)}`);
  const isOffered =
    isObject(tool_choice) && own.some((tool) => isObject(tool) && tool.name === tool_choice.name);
  const isNamed = isObject(tool_choice) && tool_choice.type === "tool";
  return {
    tools: own.length > 0 ? own : undefined,
    tool_choice: own.length === 0 || (isNamed && !isOffered) ? undefined : tool_choice,
  };
}

/** What another backend, or this proxy, has put into a block, and this backend may refuse. */
function isForeign(block: JsonObject, { native, reasoning }: Quirks): boolean {
  switch (block.type) {
    case "thinking": {
      const signature = asString(block.signature);
      if (signature.startsWith(emptySignature)) return true;
      return native.checksSignatures && (signature === "" || isRefused(block, reasoning));
    }
    case "redacted_thinking":
      return (
        asString(block.data).startsWith(emptySignature) ||
        (native.checksSignatures && isRefused(block, reasoning))
      );
    case "web_search_tool_result":
      return native.checksSignatures && Array.isArray(block.content) && !block.content.every(isSealed);
    default:
      return false;
  }
}

function isRefused(block: JsonObject, { refusedItems }: Quirks["reasoning"]): boolean {
  return refusedItems.length > 0 && refusedItems.includes(digestThinking(block));
}

/** Whether Anthropic found the page: what it read there is encrypted. Ours is text. */
function isSealed(page: unknown): boolean {
  return !isObject(page) || /^[\w+/=-]{16,}$/.test(asString(page.encrypted_content));
}

/** Blocks that every backend knows. */
const plainBlocks: ReadonlySet<unknown> = new Set([
  "text",
  "image",
  "document",
  "thinking",
  "redacted_thinking",
  "tool_use",
  "tool_result",
]);

function adaptMessages(messages: readonly unknown[], quirks: Quirks, note: Note): unknown[] {
  return messages.flatMap((message) => {
    if (!isObject(message)) return [message];
    const isSystem = message.role === "system" && !quirks.native.isComplete;
    const role = isSystem ? "user" : message.role;
    if (!Array.isArray(message.content)) {
      return [isSystem ? { role, content: writeReminder(asString(message.content)) } : message];
    }
    const searches = new Set(foreignSearches(message.content, quirks));
    const content = message.content.flatMap((block) =>
      isObject(block) ? adaptBlock(block, quirks, searches, note) : [block],
    );
    // Nothing is left of a turn that was only thought.
    if (content.length === 0 && message.content.length > 0) return [];
    if (isSystem) return [{ role, content: content.map(remindOf) }];
    return [{ ...message, content }];
  });
}

/** The ids of searches whose results the backend would not take for its own. */
function foreignSearches(content: readonly unknown[], quirks: Quirks): string[] {
  return content
    .filter(isObject)
    .filter((block) => block.type === "web_search_tool_result" && isForeign(block, quirks))
    .map((block) => asString(block.tool_use_id));
}

function adaptBlock(
  block: JsonObject,
  quirks: Quirks,
  searches: ReadonlySet<string>,
  note: Note,
): readonly JsonObject[] {
  const { checksSignatures, isComplete } = quirks.native;
  if ((block.type === "thinking" || block.type === "redacted_thinking") && isForeign(block, quirks)) {
    if (!checksSignatures && block.type === "thinking") return [{ ...block, signature: "" }];
    note("left out thinking that another backend signed");
    return [];
  }
  if (block.type === "server_tool_use" && searches.has(asString(block.id))) return [];
  if (searches.has(asString(block.tool_use_id))) return [{ type: "text", text: unseal(block.content) }];
  if (block.type === "text" && Array.isArray(block.citations) && searches.size > 0) {
    const { citations, ...text } = block;
    return [text];
  }
  if (isComplete || plainBlocks.has(block.type)) return [block];
  if (asString(block.type).endsWith("_tool_result")) return [{ type: "text", text: unseal(block.content) }];
  note(`left out a block of the type ${asString(block.type)}`);
  return [];
}

function remindOf(block: unknown): unknown {
  return isObject(block) && block.type === "text"
    ? { ...block, text: writeReminder(asString(block.text)) }
    : block;
}

/** The shares of an answer that the efforts may think, for backends that want a number of tokens. */
const shares: Readonly<Record<ReasoningEffort, number>> = {
  minimal: 0.1,
  low: 0.2,
  medium: 0.5,
  high: 0.8,
  xhigh: 0.9,
  max: 0.95,
};

/** Tokens; `max_tokens` must be larger than the budget. Source: Anthropic, extended thinking. */
const minBudget = 1024;

function adaptThinking(body: JsonObject, quirks: Quirks, note: Note): JsonObject {
  const config = isObject(body.output_config) ? body.output_config : undefined;
  const asked = reasoningEfforts.find((effort) => effort === config?.effort);
  const thinking = chooseThinking(body, asked ?? "high", quirks, note);
  const isOff = isObject(thinking) && thinking.type === "disabled";
  return {
    thinking,
    ...(isOff && { context_management: keepThinkingAlone(body.context_management) }),
    ...(config && { output_config: adaptEffort(config, asked, quirks, note) }),
  };
}

function chooseThinking(body: JsonObject, effort: ReasoningEffort, { native }: Quirks, note: Note): unknown {
  const { thinking, max_tokens } = body;
  if (!isObject(thinking)) return thinking;
  if (native.checksSignatures && thinking.type === "enabled" && lacksThinking(body.messages)) {
    note("switched thinking off until the next turn: another backend began this one");
    return { type: "disabled" };
  }
  const known = native.thinking.find((type) => type === thinking.type);
  if (known || !thinkingTypes.some((type) => type === thinking.type)) return thinking;
  if (thinking.type === "disabled") {
    note("left out thinking: it cannot be switched off");
    return undefined;
  }
  if (!native.thinking.includes("enabled")) return { type: "adaptive" };
  const limit = typeof max_tokens === "number" ? max_tokens : 0;
  if (limit <= minBudget) {
    note("switched thinking off: max_tokens leaves no room for it");
    return native.thinking.includes("disabled") ? { type: "disabled" } : undefined;
  }
  return { type: "enabled", budget_tokens: Math.max(minBudget, Math.floor(limit * shares[effort])) };
}

/**
 * Whether the last turn has called tools without a thought before: Anthropic refuses it if it is to think. Source:
 * Anthropic, extended thinking.
 */
function lacksThinking(messages: unknown): boolean {
  if (!Array.isArray(messages)) return false;
  const last = messages.findLast((message) => isObject(message) && message.role === "assistant");
  const content: readonly unknown[] = isObject(last) && Array.isArray(last.content) ? last.content : [];
  const [first] = content;
  const calls = content.some((block) => isObject(block) && block.type === "tool_use");
  return calls && isObject(first) && first.type !== "thinking" && first.type !== "redacted_thinking";
}

/** Without thinking there is none to clear, and asking for it is a 400. */
function keepThinkingAlone(management: unknown): unknown {
  if (!isObject(management) || !Array.isArray(management.edits)) return management;
  const edits = management.edits.filter(
    (edit) => !isObject(edit) || !asString(edit.type).startsWith("clear_thinking"),
  );
  return edits.length > 0 ? { ...management, edits } : undefined;
}

function adaptEffort(
  config: JsonObject,
  asked: ReasoningEffort | undefined,
  { native }: Quirks,
  note: Note,
): JsonObject | undefined {
  if (asked === undefined || native.efforts.includes(asked)) return config;
  const { effort, ...rest } = config;
  const nearest = nearestEffort(asked, native.efforts);
  if (nearest !== undefined) return { effort: nearest, ...rest };
  note("left out output_config.effort");
  return Object.keys(rest).length > 0 ? rest : undefined;
}

function withoutUndefined(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
