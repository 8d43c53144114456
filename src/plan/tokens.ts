/**
 * What a prompt costs: counted with a real tokenizer for the client that asks, estimated at once for every message.
 * Both read the prompt in the same way and differ only in how they weigh its text and its PDFs.
 */
import { unseal } from "../anthropic/unseal.ts";
import type {
  CountTokensRequest,
  DocumentBlock,
  ImageBlock,
  RequestBlock,
  ResultBlock,
} from "../anthropic/wire.ts";
import { estimateText } from "../lib/estimate-text.ts";
import { readImageSize } from "../lib/image-size.ts";
import { countText } from "../lib/tokenizer.ts";
import { type CallableTool, listTools } from "./tools.ts";

/** What the chat template adds around each message and each tool; source: OpenAI's cookbook on counting tokens. */
const messageTokens = 4;
const toolTokens = 8;

/** Pictures are shrunk to this many pixels on the longer side; source: Anthropic's vision guide. */
const longestSide = 1568;
const pixelsPerToken = 750;
const mostImageTokens = 1600;
const unseenImageTokens = 1500;

/** Anthropic's PDF guide says 1,500 to 3,000 tokens a page. */
const pageTokens = 2000;
const bytesPerPage = 60_000;

/** Enough of a picture's base64 to reach its size, past thumbnails and colour profiles. */
const headerLength = 262_144;

type Prompt = {
  readonly texts: string[];
  /** Base64 of each. */
  readonly pdfs: string[];
  /** What is known without a look at the text. */
  tokens: number;
};

/** The input tokens of a request, its text counted with o200k. */
export async function countTokens(request: CountTokensRequest): Promise<number> {
  const { texts, pdfs, tokens } = readPrompt(request);
  const pages = pdfs.reduce((sum, pdf) => sum + countPages(pdf), 0);
  return tokens + pages * pageTokens + (await countText(texts.join("\n")));
}

/** The input tokens of a request, estimated from its characters; within a third of `countTokens`. */
export function estimateTokens(request: CountTokensRequest): number {
  const { texts, pdfs, tokens } = readPrompt(request);
  const pages = pdfs.reduce((sum, pdf) => sum + guessPages(pdf), 0);
  return texts.reduce((sum, text) => sum + estimateText(text), tokens + pages * pageTokens);
}

function readPrompt(request: CountTokensRequest): Prompt {
  const prompt: Prompt = { texts: [], pdfs: [], tokens: 0 };
  for (const tool of listTools(request).offered) readTool(tool, prompt);
  if (request.system?.length) prompt.tokens += messageTokens;
  for (const block of request.system ?? []) prompt.texts.push(block.text);
  for (const message of request.messages) {
    prompt.tokens += messageTokens;
    for (const block of message.content) readBlock(block, prompt);
  }
  const format = request.output_config?.format ?? request.output_format;
  if (format) prompt.texts.push(JSON.stringify(format.schema));
  return prompt;
}

function readTool({ name, description = "", schema }: CallableTool, prompt: Prompt): void {
  prompt.tokens += toolTokens;
  prompt.texts.push(name, description, JSON.stringify(schema));
}

function readBlock(block: RequestBlock | ResultBlock, prompt: Prompt): void {
  switch (block.type) {
    case "text":
      prompt.texts.push(block.text);
      return;
    case "thinking":
      prompt.texts.push(block.thinking);
      return;
    case "image":
      prompt.tokens += imageTokens(block.source);
      return;
    case "document":
      readDocument(block, prompt);
      return;
    case "search_result":
      prompt.texts.push(block.title, block.source);
      for (const text of block.content) prompt.texts.push(text.text);
      return;
    case "tool_use":
    case "server_tool_use":
    case "mcp_tool_use":
      prompt.tokens += messageTokens;
      prompt.texts.push(block.name, JSON.stringify(block.input ?? {}));
      return;
    case "tool_result":
      prompt.tokens += messageTokens;
      for (const part of block.content ?? []) readBlock(part, prompt);
      return;
    case "tool_reference":
      prompt.texts.push(block.tool_name);
      return;
    case "compaction":
      prompt.texts.push(block.content ?? "");
      return;
    case "browser_state":
      prompt.texts.push(unseal(block));
      return;
    case "web_search_tool_result":
    case "web_fetch_tool_result":
    case "code_execution_tool_result":
    case "bash_code_execution_tool_result":
    case "text_editor_code_execution_tool_result":
    case "tool_search_tool_result":
    case "advisor_tool_result":
    case "mcp_tool_result":
      prompt.texts.push(unseal(block.content));
      return;
    // None of these reaches the backend as text.
    case "redacted_thinking":
    case "tool_addition":
    case "tool_removal":
    case "container_upload":
    case "mcp_tool_listing":
    case "fallback":
    case "unknown":
      return;
    default:
      block satisfies never;
  }
}

function readDocument({ source, title, context }: DocumentBlock, prompt: Prompt): void {
  prompt.texts.push(title ?? "", context ?? "");
  switch (source.type) {
    case "text":
      prompt.texts.push(source.data);
      return;
    case "content":
      for (const part of source.content) readBlock(part, prompt);
      return;
    case "base64":
      prompt.pdfs.push(source.data);
      return;
    case "url":
    case "file":
      prompt.tokens += pageTokens;
      return;
    default:
      source satisfies never;
  }
}

function imageTokens(source: ImageBlock["source"]): number {
  if (source.type !== "base64") return unseenImageTokens;
  const size = readImageSize(Buffer.from(source.data.slice(0, headerLength), "base64"));
  if (!size) return unseenImageTokens;
  const scale = Math.min(1, longestSide / Math.max(size.width, size.height));
  const pixels = size.width * scale * (size.height * scale);
  return Math.min(mostImageTokens, Math.ceil(pixels / pixelsPerToken));
}

/** Counts page objects; newer files may hide them in compressed streams, then the size must do. */
function countPages(base64: string): number {
  const pdf = Buffer.from(base64, "base64").toString("latin1");
  const pages = pdf.match(/\/Type\s*\/Page(?![A-Za-z])/g);
  return pages?.length ?? guessPages(base64);
}

function guessPages(base64: string): number {
  return Math.max(1, Math.ceil((base64.length * 3) / 4 / bytesPerPage));
}
