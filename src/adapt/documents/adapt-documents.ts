/**
 * Room `adapt/documents/`: turns attached files into something the backend can read. Not here: whether a backend
 * accepts PDFs, which is a quirk, or the reader itself, which is `lib/read-pdf.ts`.
 *
 * A PDF stays a PDF if the backend reads PDFs, and becomes its text otherwise. A text file becomes its text. For
 * everything else, a visible note tells the model what is missing.
 */
import type { DocumentBlock, MessagesRequest, RequestBlock, ResultBlock } from "../../anthropic/wire.ts";
import type { PdfPage, PdfReading, PdfText, UnreadPdf } from "../../lib/read-pdf.ts";
import type { PdfTexts } from "./pdf-texts.ts";

export type DocumentRoom = {
  readonly pdfs: PdfTexts;
  /** Who sent the request, for a fair share of the time for reading. */
  readonly client: unknown;
  /** The backend accepts PDFs. */
  readonly takesPdfs: boolean;
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
  const files = [...findFiles(request)].filter((file) => !room.takesPdfs || kindOf(file) !== "pdf");
  if (files.length === 0) return request;
  const losses = new Set<string>();
  const adaptOne = (file: AttachedFile) => adaptFile(file, { ...room, note: (words) => losses.add(words) });
  const adapted: ReadonlyMap<DocumentBlock, DocumentBlock> = new Map(
    await Promise.all(files.map(async (file) => [file, await adaptOne(file)] as const)),
  );
  for (const words of losses) room.note(words);
  const swap = <Block extends RequestBlock | ResultBlock>(block: Block): Block | DocumentBlock =>
    block.type === "document" ? (adapted.get(block) ?? block) : block;
  const messages = request.messages.map((message) => ({
    ...message,
    content: message.content.map((block) =>
      block.type === "tool_result" && block.content
        ? { ...block, content: block.content.map((part) => swap(part)) }
        : swap(block),
    ),
  }));
  return { ...request, messages };
}

/** Whether the backend would get a file unchanged. */
export function holdsPdf(request: MessagesRequest): boolean {
  return findFiles(request).some((file) => kindOf(file) === "pdf");
}

/** A document sent as the bytes of a file. */
type AttachedFile = DocumentBlock & { readonly source: { readonly type: "base64" } };

function* findFiles({ messages }: MessagesRequest): Generator<AttachedFile> {
  for (const { content } of messages) {
    for (const block of content) {
      if (isFile(block)) yield block;
      if (block.type === "tool_result") yield* (block.content ?? []).filter(isFile);
    }
  }
}

function isFile(block: RequestBlock | ResultBlock): block is AttachedFile {
  return block.type === "document" && block.source.type === "base64";
}

/** Base64 of `%PDF-`. */
const pdfMagic = "JVBERi0";
const textTypes = /^text\/|[/+](json|xml|yaml|toml|javascript)$/;

/** Some clients send only `application/octet-stream`; the first bytes show the type. */
function kindOf({ source }: AttachedFile): "pdf" | "text" | "other" {
  const mediaType = source.media_type.split(";")[0]?.trim().toLowerCase() ?? "";
  if (mediaType === "application/pdf" || source.data.startsWith(pdfMagic)) return "pdf";
  return textTypes.test(mediaType) ? "text" : "other";
}

async function adaptFile(
  file: AttachedFile,
  { pdfs, client, contextWindow, note }: DocumentRoom,
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
      const { text, losses } = describePdf(reading, charactersFor(contextWindow));
      for (const loss of losses) note(loss);
      const title = file.title ?? (reading.kind === "text" ? plainTitle(reading.title) : undefined);
      return { ...asText(file, text), title };
    }
    default:
      return kind satisfies never;
  }
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
  return title?.replace(/[\s"<>]+/g, " ");
}

type Words = {
  /** What the model reads instead of a PDF. */
  readonly text: string;
  /** What was lost, for the log. */
  readonly losses: readonly string[];
};

const unread: Readonly<Record<UnreadPdf["kind"], Words>> = {
  encrypted: {
    text: "[This PDF could not be read: it is protected by a password. Tell the user to attach it without one.]",
    losses: ["left out a PDF that is protected by a password"],
  },
  broken: {
    text: "[This PDF could not be read: the file is damaged. Tell the user.]",
    losses: ["left out a damaged PDF"],
  },
  slow: {
    text: "[This PDF could not be read: it took too long. Tell the user to attach it in a simpler form.]",
    losses: ["left out a PDF that took too long to read"],
  },
  huge: {
    text: "[This PDF could not be read: it decodes to far too much. Tell the user to attach it in a simpler form.]",
    losses: ["left out a PDF that decodes to far too much"],
  },
  failed: {
    text: "[This PDF could not be read: the server's PDF reader failed. Tell the user.]",
    losses: ["left out a PDF because the PDF reader failed"],
  },
};

/** @param maxCharacters characters of the file's text that the model gets */
export function describePdf(reading: PdfReading, maxCharacters: number): Words {
  if (reading.kind !== "text") return unread[reading.kind];
  // The file was opened, but then the time was over.
  if (reading.pages.length === 0) return unread.slow;
  return reading.pages.some(({ text }) => text !== "")
    ? describePages(reading, maxCharacters)
    : describeScan(reading);
}

const scanAdvice = "Tell the user to attach it with recognized text, or its pages as images.";

function describeScan({ pageCount }: PdfText): Words {
  return {
    text:
      `[This PDF has ${countOf(pageCount)} and no text: it is probably scanned, and only text can be read here. ` +
      `${scanAdvice}]`,
    losses: ["left out a PDF without text, probably scanned"],
  };
}

function describePages({ pageCount, pages }: PdfText, maxCharacters: number): Words {
  const shown: string[] = [];
  const losses: string[] = [];
  let left = maxCharacters;
  for (const [i, page] of pages.entries()) {
    // The first page is truncated rather than left out.
    if (page.text.length > left && i > 0) break;
    shown.push(describePage(page, i + 1, left));
    left -= page.text.length;
  }
  const parts = [`[PDF, ${countOf(pageCount)}. This is its text; images are not included.]`, ...shown];
  const scanned = pages.slice(0, shown.length).filter(({ isPicture }) => isPicture).length;
  if (scanned > 0) {
    const are =
      scanned === 1 ? "1 page is an image, probably a scan" : `${scanned} pages are images, probably scans`;
    parts.push(`[${are}, and only text can be read here. ${scanAdvice}]`);
    losses.push("left out pages of a PDF that are images, probably scanned");
  }
  if (shown.length < pageCount || left < 0) {
    const last = `page ${shown.length} of ${pageCount}`;
    const rest = left < 0 ? `The rest of ${last} and all that follows` : `What follows ${last}`;
    parts.push(`[${rest} was left out: this is as much as can be read at once. Tell the user.]`);
    losses.push(`left out what follows ${last} of a PDF`);
  }
  return { text: parts.join("\n\n"), losses };
}

function describePage({ text, isPicture }: PdfPage, number: number, maxCharacters: number): string {
  if (text === "") return `[Page ${number}: ${isPicture ? "an image, no text" : "no text"}]`;
  const head = isPicture ? `[Page ${number}: an image, and this text beside it]` : `[Page ${number}]`;
  return `${head}\n${text.slice(0, maxCharacters)}`;
}

function countOf(pages: number): string {
  return pages === 1 ? "1 page" : `${pages} pages`;
}
