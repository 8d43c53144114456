/**
 * Room `adapt/documents/`: turns attached files into something the backend can read. Not here: whether a backend
 * accepts PDFs, which is a quirk, or the reader itself, which is `lib/read-pdf.ts`.
 *
 * A PDF stays a PDF if the backend reads PDFs, and becomes its text otherwise. A text file becomes its text. For
 * everything else, a visible note tells the model what is missing.
 */
import {
  type DocumentBlock,
  documentBlock,
  type MessagesRequest,
  type RequestBlock,
  type ResultBlock,
} from "../../anthropic/wire.ts";
import { isObject } from "../../lib/json.ts";
import type { PdfReading } from "../../lib/read-pdf.ts";
import { describePdf } from "./describe-pdf.ts";
import type { PdfTexts } from "./pdf-texts.ts";

export type DocumentRoom = {
  readonly pdfs: Pick<PdfTexts, "read">;
  /** Who sent the request, if known: reading is shared out fairly. */
  readonly client: string | undefined;
  /** The backend accepts PDFs. */
  readonly takesPdfs: boolean;
  /** What a model says of pages of a PDF that are images, by number; undefined if none is asked. */
  readonly describePages?:
    | ((pdf: string, pages: readonly number[]) => Promise<ReadonlyMap<number, string>>)
    | undefined;
  /** The model's context window, in tokens; undefined if unknown. */
  readonly contextWindow: number | undefined;
  /** Called with fixed wording, for the log, once for everything that is lost. */
  readonly note: (words: string) => void;
};

/**
 * The request with every attached file in a form that the backend accepts; the very same object if nothing had to
 * change. What a file becomes depends only on the file and the model, never on the rest of the conversation.
 */
export async function adaptDocuments(request: MessagesRequest, room: DocumentRoom): Promise<MessagesRequest> {
  const attached = findAttached(request).filter((file) => !room.takesPdfs || kindOf(file) !== "pdf");
  const files = [...attached, ...findFetched(request)];
  if (files.length === 0) return request;
  const losses = new Set<string>();
  const adaptOne = (file: AttachedFile) => adaptFile(file, { ...room, note: (words) => losses.add(words) });
  const adapted: ReadonlyMap<unknown, DocumentBlock> = new Map(
    await Promise.all(files.map(async (file) => [file, await adaptOne(file)] as const)),
  );
  for (const words of losses) room.note(words);
  const messages = request.messages.map((message) => ({
    ...message,
    content: message.content.map((block) => swapFiles(block, adapted)),
  }));
  return { ...request, messages };
}

function swapFiles(block: RequestBlock, adapted: ReadonlyMap<unknown, DocumentBlock>): RequestBlock {
  switch (block.type) {
    case "document":
      return adapted.get(block) ?? block;
    case "tool_result":
      return { ...block, content: block.content?.map((part) => adapted.get(part) ?? part) };
    case "web_fetch_tool_result": {
      const { content: page } = block;
      if (!isObject(page)) return block;
      const file = adapted.get(page.content);
      return file ? { ...block, content: { ...page, content: file } } : block;
    }
    default:
      return block;
  }
}

/** Whether the backend would get a file unchanged. */
export function holdsPdf(request: MessagesRequest): boolean {
  return findAttached(request).some((file) => kindOf(file) === "pdf");
}

/** A document sent as the bytes of a file. */
type AttachedFile = DocumentBlock & { readonly source: { readonly type: "base64" } };

function findAttached({ messages }: MessagesRequest): readonly AttachedFile[] {
  return messages
    .flatMap(({ content }) => content)
    .flatMap((block): readonly (RequestBlock | ResultBlock)[] =>
      block.type === "tool_result" ? (block.content ?? []) : [block],
    )
    .filter(isFile);
}

/** What Anthropic's servers fetched for the model: a part of its own turn, in which no backend takes files. */
function findFetched({ messages }: MessagesRequest): readonly AttachedFile[] {
  return messages
    .flatMap(({ content }) => content)
    .flatMap((block) =>
      block.type === "web_fetch_tool_result" && isObject(block.content) ? [block.content.content] : [],
    )
    .filter((page) => isDocument(page))
    .filter(isFile);
}

function isFile(block: RequestBlock | ResultBlock): block is AttachedFile {
  return block.type === "document" && block.source.type === "base64";
}

function isDocument(value: unknown): value is DocumentBlock {
  return documentBlock.safeParse(value).success;
}

/** Base64 of `%PDF-`. */
const pdfMagic = "JVBERi0";
const textTypes = /^text\/|[/+](json|xml|yaml|toml|javascript)$/;

/** Some clients send only `application/octet-stream`; the first bytes show the type. */
function kindOf({ source }: AttachedFile): "pdf" | "text" | "other" {
  const mediaType = source.media_type.split(";")[0]?.trim().toLowerCase() ?? "";
  if (/^application\/(x-)?pdf$/.test(mediaType) || source.data.startsWith(pdfMagic)) return "pdf";
  return textTypes.test(mediaType) ? "text" : "other";
}

async function adaptFile(
  file: AttachedFile,
  { pdfs, client, describePages, contextWindow, note }: DocumentRoom,
): Promise<DocumentBlock> {
  const { source } = file;
  const kind = kindOf(file);
  switch (kind) {
    case "text":
      return asText(file, Buffer.from(source.data, "base64").toString("utf8"));
    case "other":
      note(`left out a file of the type ${source.media_type}`);
      return asText(
        file,
        `[This file was left out: its type, ${source.media_type}, cannot be read. Tell the user.]`,
      );
    case "pdf": {
      const reading = await pdfs.read(source.data, client);
      const scanned = listScanned(reading);
      const words = scanned.length > 0 ? await describePages?.(source.data, scanned) : undefined;
      const { text, losses } = describePdf(addWords(reading, words), charactersFor(contextWindow));
      for (const loss of losses) note(loss);
      const title = file.title ?? (reading.kind === "text" ? plainTitle(reading.title) : undefined);
      return { ...asText(file, text), title };
    }
    default:
      return kind satisfies never;
  }
}

/** The numbers of pages that are images. */
function listScanned(reading: PdfReading): number[] {
  const pages = reading.kind === "text" ? reading.pages : [];
  return pages.flatMap(({ isPicture }, i) => (isPicture ? [i + 1] : []));
}

/** The reading with words for pages that are images, which then have text like the others. */
function addWords(reading: PdfReading, words: ReadonlyMap<number, string> = new Map()): PdfReading {
  if (reading.kind !== "text") return reading;
  const pages = reading.pages.map((page, i) => {
    const said = words.get(i + 1);
    const text = [page.text, said].filter(Boolean).join("\n");
    return said === undefined ? page : { text, isPicture: false };
  });
  return { ...reading, pages };
}

function asText(file: AttachedFile, data: string): DocumentBlock {
  return { ...file, source: { type: "text", media_type: "text/plain", data } };
}

/** Half of the window, at three characters per token, as in dense prose or tables. */
function charactersFor(contextWindow = 200_000): number {
  return Math.floor((contextWindow / 2) * 3);
}

/** A title comes from the file, which may be hostile: it stays on one line inside its quotes. */
function plainTitle(title: string | undefined): string | undefined {
  return title?.replace(/[\s\p{Cc}"<>]+/gu, " ");
}
