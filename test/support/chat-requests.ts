/** Short forms of a client's messages, and the Chat Completions requests they become. */
import { expect } from "bun:test";
import type { ContentPart } from "../../src/upstream/content/parts.ts";
import { writeRequest } from "../../src/upstream/openai-chat/request/write-request.ts";
import type { ChatMessage, ChatRequest } from "../../src/upstream/openai-chat/wire.ts";
import type { WrittenRequest } from "../../src/upstream/protocol.ts";
import { findViolation } from "./openai-rules.ts";
import { type PlanChanges, planFor } from "./plans.ts";
import { ask } from "./proxy.ts";

/** A content of one string, or of blocks. */
const said = (content: readonly unknown[]) => (typeof content[0] === "string" ? content[0] : content);
export const user = (...content: unknown[]) => ({ role: "user", content: said(content) });
export const assistant = (...content: unknown[]) => ({ role: "assistant", content: said(content) });
export const system = (...content: unknown[]) => ({ role: "system", content: said(content) });

export const marked = { cache_control: { type: "ephemeral" } };
export const text = (text: string, more: object = {}) => ({ type: "text", text, ...more });
export const call = (id: string, name = "Read", input: object = {}) => ({
  type: "tool_use",
  id,
  name,
  input,
});
export const result = (tool_use_id: string, content?: unknown, more: object = {}) => ({
  type: "tool_result",
  tool_use_id,
  content,
  ...more,
});
export const tool = (name: string, more: object = {}) => ({
  name,
  input_schema: { type: "object" },
  ...more,
});

export const png = { type: "base64", media_type: "image/png", data: "iVBORw0KGgoAAAA=" } as const;
export const image = { type: "image", source: png };
export const imagePart: ContentPart = {
  type: "image_url",
  image_url: { url: `data:image/png;base64,${png.data}` },
};

/** How an instruction reaches a backend inside another message. */
export const reminder = (words: string) => `<system-reminder>\n${words}\n</system-reminder>`;

export const writtenFor = (body: object, changes: PlanChanges = {}): WrittenRequest =>
  writeRequest(planFor(ask({ model: "m", ...body }), changes));

/** The body for a backend, checked against OpenAI's rules unless the backend departs from them. */
export function writeChat(body: object, changes: PlanChanges = {}): ChatRequest {
  const chat: ChatRequest = JSON.parse(String(writtenFor(body, changes).body));
  if ((changes.backend ?? "generic") === "generic") {
    // Servers that send reasoning accept it back; OpenAI, which never sends any, knows no such field.
    expect(findViolation(chat, ["reasoning_content"])).toBeUndefined();
  }
  return chat;
}

export const messagesFor = (messages: readonly object[], changes: PlanChanges = {}): ChatMessage[] =>
  writeChat({ messages }, changes).messages;

/** The requests for several backends, with their differences as rows of a table. */
export type Row = readonly [backend: NonNullable<PlanChanges["backend"]>, model?: string];
export const titleOf = ([backend, model]: Row) => (model === undefined ? backend : `${backend} ${model}`);
export const writeRow = (body: object, [backend, model = "m"]: Row): ChatRequest =>
  writeChat(body, { backend, model });
