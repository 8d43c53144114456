/** Writes content blocks as parts of a message. What a backend does not accept becomes text that says so. */
import { isServerToolResult, unseal } from "../../anthropic/unseal.ts";
import type {
  DocumentBlock,
  ImageBlock,
  RequestBlock,
  ResultBlock,
  ServerToolResultBlock,
  ToolChangeBlock,
} from "../../anthropic/wire.ts";
import { describeUnusableMedia } from "../../anthropic/write-refusal.ts";
import { writeReminder } from "../../catalog/claude-code/claude-code.ts";
import type { Quirks } from "../../catalog/quirks.ts";
import { ProxyError } from "../../errors.ts";
import { findFileFormat } from "../../lib/find-file-format.ts";
import { asString, isObject } from "../../lib/json.ts";
import { DataUrl } from "./data-url.ts";
import type { CacheControl, ContentPart, TextPart } from "./parts.ts";

export type ContentOptions = {
  readonly quirks: Quirks;
  /** The backend's name of a tool. */
  readonly toolName: (clientName: string, toolset?: string) => string;
  /** Tools that were removed but are still offered, so the model is told. */
  readonly withdrawn: ReadonlySet<string>;
  readonly note: (words: string) => void;
};

/** Blocks with the client's or a tool's content: everything but calls, results and reasoning. */
type PlainBlock = Exclude<
  RequestBlock | ResultBlock,
  { type: "tool_use" | "tool_result" | "thinking" | "redacted_thinking" }
>;

/**
 * The parts for a block; none if it is empty or means nothing to a backend.
 *
 * @param at where the block is in the client's body, such as `messages.0.content.1`
 * @throws ProxyError `invalid-request` for an image that the backend does not accept: the client then removes it
 */
export function writeBlock(block: PlainBlock, at: string, options: ContentOptions): ContentPart[] {
  if (isServerToolResult(block)) return [textPart(describeServerResult(block))];
  switch (block.type) {
    case "text":
      noteCited(block, options);
      return block.text.trim() === "" ? [] : markLast([textPart(block.text)], block, options);
    case "image":
      return [writeImage(block, at, options)];
    case "document":
      noteCitations(block, options);
      return markLast(writeDocument(block, at, options), block, options);
    case "search_result": {
      noteCitations(block, options);
      const text = block.content.map((part) => part.text).join("\n");
      const framed = `<search_result title="${attribute(block.title)}" source="${attribute(block.source)}">\n${text}\n</search_result>`;
      return markLast([textPart(framed)], block, options);
    }
    case "tool_reference":
      return [textPart(`The tool ${options.toolName(block.tool_name)} is loaded and can be called now`)];
    case "browser_state":
      return [textPart(unseal(block))];
    case "server_tool_use":
    case "mcp_tool_use":
      return [textPart(describeServerCall(block))];
    case "mcp_tool_result":
      return [textPart(describeMcpResult(block, at, options))];
    case "container_upload":
      options.note("left out a file for a code container, which no backend has");
      return [textPart("[A file was put into a code container, which does not exist here.]")];
    case "mcp_tool_listing":
    case "fallback":
      options.note(`left out a ${block.type} block, which only Anthropic's servers understand`);
      return [];
    case "compaction":
      return block.content ? [textPart(`Summary of the conversation so far:\n${block.content}`)] : [];
    case "tool_addition":
    case "tool_removal":
      return writeToolChange(block, options);
    case "unknown":
      options.note(`left out a content block of the unknown type ${block.original}`);
      return [];
    default:
      return block satisfies never;
  }
}

/** A call that Anthropic's servers made, in the history of a session that began there. */
function describeServerCall({
  name,
  server_name,
  input,
}: PlainBlock & { type: "server_tool_use" | "mcp_tool_use" }): string {
  if (name === "web_search" && isObject(input))
    return `\n<web_search query=${JSON.stringify(asString(input.query))} />\n`;
  return `[${server_name ? `${server_name}/${name}` : name}: ${JSON.stringify(input ?? {})}]`;
}

function describeMcpResult(
  { content, is_error }: PlainBlock & { type: "mcp_tool_result" },
  at: string,
  options: ContentOptions,
): string {
  const parts = (content ?? []).flatMap((part, i) => writeBlock(part, `${at}.content.${i}`, options));
  const text = parts.map((part) => (part.type === "text" ? part.text : "")).join("\n");
  return `[Result of the MCP tool${is_error ? ", an error" : ""}: ${text || "(no output)"}]`;
}

function describeServerResult({ type, content }: ServerToolResultBlock): string {
  const text = unseal(content);
  if (type === "web_search_tool_result") return `\n<web_search_results>\n${text}\n</web_search_results>\n`;
  return `[${type}: ${text}]`;
}

/** The tool list shows the change; only a tool that must stay in the list needs to be mentioned. */
function writeToolChange({ type, tool }: ToolChangeBlock, options: ContentOptions): ContentPart[] {
  if (!tool) options.note(`left out a ${type} block, which names no known tool`);
  if (type === "tool_addition" || tool?.type !== "tool_reference") return [];
  if (!options.withdrawn.has(tool.name)) return [];
  return [textPart(`The tool ${options.toolName(tool.name)} was removed and must not be called any more`)];
}

function writeImage({ source }: ImageBlock, at: string, { quirks }: ContentOptions): ContentPart {
  switch (source.type) {
    case "base64": {
      const declared = source.media_type.split(";", 1).join("").trim().toLowerCase();
      // Clients derive the type from the file's name; the bytes show the real one, and backends check it.
      const mediaType = findFileFormat(source.data)?.imageType ?? declared;
      return { type: "image_url", image_url: { url: DataUrl.of(mediaType, source.data) } };
    }
    case "url":
      if (!/^(https?|data):/i.test(source.url)) throw refuseImage(at, "its URL is neither http nor https");
      if (quirks.media.imageUrls) return { type: "image_url", image_url: { url: source.url } };
      // We never fetch a URL from a client: it could reach whatever we can reach.
      throw refuseImage(at, "the backend accepts no image URLs; send it as base64");
    case "file":
      throw refuseImage(at, "there is no Files API here; send it as base64");
    default:
      return source satisfies never;
  }
}

function refuseImage(at: string, reason: string): ProxyError {
  return new ProxyError("invalid-request", describeUnusableMedia("image", `${at}.image: ${reason}`));
}

/** Backends cannot cite the passages that an answer rests on, so it comes without citations. */
function noteCitations(
  { type, citations }: { readonly type: string; readonly citations?: Citations },
  { note }: ContentOptions,
): void {
  if (citations?.enabled) note(`left out the citations asked for by a ${type} block`);
}

/** Pages that a search found are in its results; other passages are named only here. */
function noteCited({ citations }: PlainBlock & { type: "text" }, { note }: ContentOptions): void {
  const isLost = citations?.some((one) => isObject(one) && one.type !== "web_search_result_location");
  if (isLost) note("left out the citations of an earlier answer");
}

type Citations = DocumentBlock["citations"];

function writeDocument(block: DocumentBlock, at: string, options: ContentOptions): ContentPart[] {
  const { source } = block;
  const named = block.title ? `The document "${attribute(block.title)}"` : "A document";
  const about = writeContext(block);
  switch (source.type) {
    case "text":
      return frame(block, [textPart(source.data)]);
    case "content":
      return frame(
        block,
        source.content.flatMap((part, i) => writeBlock(part, `${at}.source.content.${i}`, options)),
      );
    case "base64":
      // `adapt/documents` has left only PDFs, and those only if the backend accepts them.
      return writeFile(block, DataUrl.of("application/pdf", source.data), options);
    case "url":
      // We never fetch a URL from a client: it could reach whatever we can reach.
      if (options.quirks.media.documentUrls && /^https?:/i.test(source.url))
        return writeFile(block, source.url, options);
      options.note("left out a document given by URL");
      return [...about, textPart(`[${named} at ${source.url} was not fetched. Tell the user.]`)];
    case "file":
      options.note("left out a document of the Files API");
      return [
        ...about,
        textPart(
          `[${named} was left out: it is in a file store that this server cannot reach. Tell the user.]`,
        ),
      ];
    default:
      return source satisfies never;
  }
}

/** What the client says about a document that is not text. */
function writeContext({ title, context }: Pick<DocumentBlock, "title" | "context">): TextPart[] {
  return context ? [textPart(`<context of="${attribute(title || "document")}">${context}</context>`)] : [];
}

function writeFile(
  { title, context }: DocumentBlock,
  url: string | DataUrl,
  { quirks, note }: ContentOptions,
): ContentPart[] {
  const name = title || "document";
  const about = writeContext({ title, context });
  switch (quirks.media.documents) {
    case "document-url":
      return [...about, { type: "document_url", document_url: url }];
    case "file":
      return [
        ...about,
        { type: "file", file: { filename: name.endsWith(".pdf") ? name : `${name}.pdf`, file_data: url } },
      ];
    case "text":
      note("left out a PDF that was not read");
      return [...about, textPart(`[The file "${attribute(name)}" was left out. Tell the user.]`)];
    default:
      return quirks.media.documents satisfies never;
  }
}

/** Titles may come from hostile files and pages: they stay on one line inside their quotes. */
const attribute = (text: string): string => text.replace(/[\s\p{Cc}"<>]+/gu, " ").trim();

/** Text parts only become one text; with images among them, they stay parts. */
function frame({ title, context }: DocumentBlock, parts: readonly ContentPart[]): ContentPart[] {
  const about = context ? `\n<context>${context}</context>` : "";
  const [head, foot] = [`<document${title ? ` title="${attribute(title)}"` : ""}>${about}`, "</document>"];
  const texts = parts.flatMap((part) => (part.type === "text" ? [part.text] : []));
  return texts.length === parts.length
    ? [textPart([head, ...texts, foot].join("\n"))]
    : [textPart(head), ...parts, textPart(foot)];
}

/** Puts a block's cache mark on the last of its texts if the backend accepts marks; only texts can carry one. */
export function markLast(
  parts: ContentPart[],
  { cache_control }: { readonly cache_control?: CacheControl | null | undefined },
  { quirks }: ContentOptions,
): ContentPart[] {
  if (cache_control && quirks.caching.marks) {
    const last = parts.findLastIndex((part) => part.type === "text");
    const text = parts[last];
    if (text?.type === "text") return parts.with(last, { ...text, cache_control });
  }
  return parts;
}

export function textPart(text: string): TextPart {
  return { type: "text", text };
}

/** Texts of a system message as a reminder, for a turn of the user. Keeps the mark of the last one. */
export function reminderPart(texts: readonly TextPart[]): TextPart {
  return { ...texts.at(-1), ...textPart(writeReminder(texts.map(({ text }) => text).join("\n"))) };
}

/** One string if there is only unmarked text, which every template accepts; otherwise the parts. */
export function joinParts(parts: readonly ContentPart[], separator: string): string | ContentPart[] {
  const [first] = parts;
  // The usual case needs no list.
  if (first?.type === "text" && parts.length === 1 && !first.cache_control) return first.text;
  const texts = parts.flatMap((part) => (part.type === "text" && !part.cache_control ? [part.text] : []));
  return texts.length === parts.length ? texts.join(separator) : [...parts];
}

/**
 * Parts stay parts if the backend accepts cache marks. Clients move their marks from turn to turn, and a message that
 * became one string when it lost its mark would miss the cache.
 */
export function writeContent(
  parts: readonly ContentPart[],
  separator: string,
  { quirks }: ContentOptions,
): string | ContentPart[] {
  return quirks.caching.marks ? [...parts] : joinParts(parts, separator);
}

/** Anthropic's API refuses a prefill that ends in white space; other models continue it badly. */
export function trimLast(texts: readonly TextPart[]): TextPart[] {
  const [last, ...before] = texts.toReversed();
  return last ? [...before.reverse(), { ...last, text: last.text.trimEnd() }] : [];
}
