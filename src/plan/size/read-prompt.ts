/** Collects the parts of a request that reach the model and therefore cost tokens. */
import { minPartLength } from "../../anthropic/known-parts.ts";
import { isServerToolResult, unseal } from "../../anthropic/unseal.ts";
import type {
  CountTokensRequest,
  DocumentBlock,
  RequestBlock,
  RequestMessage,
  RequestTextBlock,
  ResultBlock,
} from "../../anthropic/wire.ts";
import { isBillingHeader } from "../../catalog/claude-code/claude-code.ts";
import type { Quirks } from "../../catalog/quirks.ts";
import type { TokenRules } from "../../catalog/token-rules.ts";
import { readSchema } from "../choose-format.ts";
import type { ToolUse } from "../choose-tools.ts";
import type { CallableTool } from "../read-tool.ts";
import { imageTokens } from "./count-media.ts";

/** Texts of one message or tool. The same list every time, so that they are added up once. */
export type Texts = readonly string[];

export type Prompt = {
  readonly texts: readonly Texts[];
  readonly toolTexts: readonly Texts[];
  /** Tokens that the chat template adds around messages and calls, and around tools. */
  readonly frames: number;
  readonly toolFrames: number;
  /** Tokens of all images, and of files that the backend fetches. */
  readonly media: number;
  /** Base64 of each PDF that the backend reads itself. */
  readonly pdfs: readonly string[];
  /** A hash of the conversation's first message, which identifies it on its next turn. */
  readonly opening: bigint;
};

/** What the result depends on, besides the request. */
type PromptOptions = {
  readonly quirks: Quirks;
  readonly rules: TokenRules;
  readonly toolUse: Pick<ToolUse, "functions">;
};

/** What the chat template adds around each message and each tool. Source: OpenAI's cookbook on counting tokens. */
const messageFrame = 4;
const toolFrame = 8;
/** The words we add around a document, a search result, or a note about something left out. */
const wordsAround = 12;

/** What one message adds to a prompt. */
type Draft = {
  /** What it was read for. */
  readonly quirks: Quirks;
  readonly rules: TokenRules;
  readonly texts: string[];
  frames: number;
  media: number;
  readonly pdfs: string[];
  /** Of its texts. Only made for the first message, which may be as long as a book. */
  hash?: bigint;
};

export function readPrompt(request: CountTokensRequest, options: PromptOptions): Prompt {
  const { functions } = options.toolUse;
  const texts: Texts[] = [];
  const schema = readSchema(request);
  if (schema) texts.push([JSON.stringify(schema)]);
  let frames = 0;
  let media = 0;
  for (const block of request.system ?? []) {
    if (isBillingHeader(block.text)) continue;
    frames = messageFrame;
    texts.push(textsOfBlock(block));
  }
  const pdfs: string[] = [];
  let opening: bigint | undefined;
  for (const message of request.messages) {
    const draft = readMessage(message, options);
    opening ??= hashOf(draft);
    texts.push(draft.texts);
    frames += draft.frames;
    media += draft.media;
    for (const pdf of draft.pdfs) pdfs.push(pdf);
  }
  return {
    texts,
    toolTexts: textsOfTools(functions),
    frames,
    toolFrames: functions.length * toolFrame,
    media,
    pdfs,
    opening: opening ?? 0n,
  };
}

/** What was read of tools, and of system blocks and messages that are probably the same objects next time. */
const toolTexts = new WeakMap<CallableTool, Texts>();
const toolLists = new WeakMap<readonly CallableTool[], readonly Texts[]>();
const blockTexts = new WeakMap<RequestTextBlock, Texts>();
const drafts = new WeakMap<RequestMessage, Draft>();

function textsOfTools(tools: readonly CallableTool[]): readonly Texts[] {
  const lists = toolLists.get(tools) ?? tools.map(textsOfTool);
  toolLists.set(tools, lists);
  return lists;
}

function textsOfTool(tool: CallableTool): Texts {
  const { name, description = "", schema } = tool;
  const texts = toolTexts.get(tool) ?? [name, description, JSON.stringify(schema)];
  toolTexts.set(tool, texts);
  return texts;
}

function textsOfBlock(block: RequestTextBlock): Texts {
  const known = blockTexts.get(block);
  if (known) return known;
  const texts = [block.text];
  if (isLong(texts, 1)) blockTexts.set(block, texts);
  return texts;
}

function readMessage(message: RequestMessage, options: PromptOptions): Draft {
  const known = drafts.get(message);
  if (known?.quirks === options.quirks && known.rules === options.rules) return known;
  const { quirks, rules } = options;
  const draft: Draft = { quirks, rules, texts: [], frames: messageFrame, media: 0, pdfs: [] };
  for (const block of message.content) addBlock(block, message.role === "assistant", options, draft);
  if (isLong(draft.texts, message.content.length) || draft.media > 0 || draft.pdfs.length > 0)
    drafts.set(message, draft);
  return draft;
}

/** About how many characters the JSON of a block has besides its texts. */
const blockFrame = 60;

/** Whether a message or system block was long enough in the body to be a known part in the next one. */
function isLong(texts: Texts, blocks: number): boolean {
  let length = blockFrame * blocks;
  for (const text of texts) length += text.length;
  return length >= minPartLength;
}

function hashOf(draft: Draft): bigint {
  draft.hash ??= BigInt(Bun.hash(draft.texts.join("\n")));
  return draft.hash;
}

function addText(text: string, draft: Draft): void {
  if (text !== "") draft.texts.push(text);
}

function addBlock(
  block: RequestBlock | ResultBlock,
  isAssistant: boolean,
  options: PromptOptions,
  draft: Draft,
): void {
  if (isServerToolResult(block)) return addText(unseal(block.content), draft);
  switch (block.type) {
    case "text":
      return addText(block.text, draft);
    case "thinking":
      return isAssistant && replaysText(options.quirks) ? addText(block.thinking, draft) : undefined;
    case "image":
      if (!isAssistant) draft.media += imageTokens(block.source, options.rules.images);
      return;
    case "document":
      return addDocument(block, isAssistant, options, draft);
    case "search_result":
      draft.frames += wordsAround;
      draft.texts.push(block.title, block.source, ...block.content.map(({ text }) => text));
      return;
    case "tool_use":
    case "server_tool_use":
    case "mcp_tool_use":
      draft.frames += messageFrame;
      draft.texts.push(block.name, JSON.stringify(block.input ?? {}));
      return;
    case "container_upload":
      draft.frames += wordsAround;
      return;
    case "tool_result":
    case "mcp_tool_result":
      draft.frames += messageFrame;
      for (const part of block.content ?? []) addBlock(part, false, options, draft);
      return;
    case "tool_reference":
      draft.frames += wordsAround;
      return addText(block.tool_name, draft);
    case "compaction":
      return addText(block.content ?? "", draft);
    case "browser_state":
      return addText(unseal(block), draft);
    // None of these reaches the backend as text.
    case "redacted_thinking":
    case "tool_addition":
    case "tool_removal":
    case "mcp_tool_listing":
    case "fallback":
    case "unknown":
      return;
    default:
      block satisfies never;
  }
}

function addDocument(
  { source, title, context }: DocumentBlock,
  isAssistant: boolean,
  options: PromptOptions,
  draft: Draft,
): void {
  draft.frames += 2 * wordsAround;
  addText(title ?? "", draft);
  addText(context ?? "", draft);
  switch (source.type) {
    case "text":
      return addText(source.data, draft);
    case "content":
      for (const part of source.content) addBlock(part, isAssistant, options, draft);
      return;
    // If the backend reads no PDFs, their text has replaced them.
    case "base64":
      if (options.quirks.media.documents !== "text" && !isAssistant) draft.pdfs.push(source.data);
      return;
    // A document that the backend fetches has at least one page. One that is not fetched becomes a note.
    case "url":
      if (options.quirks.media.documentUrls && !isAssistant) draft.media += options.rules.page;
      return;
    case "file":
      return;
    default:
      source satisfies never;
  }
}

/** Whether the text of earlier reasoning is sent back to the backend. */
function replaysText({ reasoning }: Quirks): boolean {
  return reasoning.replay !== "none" && reasoning.replay !== "thought-signature";
}
