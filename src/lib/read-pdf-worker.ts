/**
 * The worker of `read-pdf.ts`, a separate entry point that `scripts/build` names. A PDF can keep its reader busy
 * forever, and only a thread can be stopped from outside.
 */
import { getResolvedPDFJS } from "unpdf";
import { describeAnnotations, markUnreadable } from "./describe-pdf-page.ts";
import { limitBuffers } from "./limit-buffers.ts";
import { PdfFiles } from "./pdf-files/pdf-files.ts";
import type { PdfJob, PdfWord } from "./read-pdf.ts";

declare const self: Worker;

type Pdfjs = Awaited<ReturnType<typeof getResolvedPDFJS>>;
type PdfDocument = Awaited<ReturnType<Pdfjs["getDocument"]>["promise"]>;

const post = (word: PdfWord): void => self.postMessage(word);

/** Limit on a stream of the file when it is decoded, bytes; embedded fonts are the largest that a text needs. */
const maxStreamBytes = 32 * 1024 * 1024;

/** pdf.js asks for its files only if it knows an address for them; ours are not used. */
const pdfFiles = {
  BinaryDataFactory: PdfFiles,
  useWorkerFetch: false,
  cMapUrl: "packed/",
  standardFontDataUrl: "packed/",
};

limitBuffers(maxStreamBytes, () => post({ type: "failed", reason: "huge" }));

self.onmessage = async ({ data }: MessageEvent<PdfJob>) => {
  try {
    await readPages(data);
  } catch (thrown) {
    const isLocked = thrown instanceof Error && thrown.name === "PasswordException";
    post({ type: "failed", reason: isLocked ? "encrypted" : "broken" });
  }
};

async function readPages({ bytes, maxPages, maxCharacters }: PdfJob): Promise<void> {
  const { getDocument } = await getResolvedPDFJS();
  // Quiet, and without drawing fonts: only the text matters.
  const document = await getDocument({
    data: bytes,
    verbosity: 0,
    disableFontFace: true,
    ...pdfFiles,
  }).promise;
  post({ type: "opened", pageCount: document.numPages, title: await readTitle(document) });
  let left = maxCharacters;
  for (let number = 1; number <= Math.min(document.numPages, maxPages) && left > 0; number += 1) {
    const text = await readPage(document, number, left);
    left -= text.length;
    post({ type: "page", text });
  }
  post({ type: "end" });
}

async function readTitle(document: PdfDocument): Promise<string | undefined> {
  const metadata = await document.getMetadata().catch(() => undefined);
  const title = metadata && "Title" in metadata.info ? metadata.info.Title : undefined;
  return typeof title === "string" && title.trim() !== "" ? title.trim().slice(0, 200) : undefined;
}

/** Read in pieces, because a page of one megabyte may inflate to gigabytes of text. A broken page counts as empty. */
async function readPage(document: PdfDocument, number: number, maxCharacters: number): Promise<string> {
  let text = "";
  try {
    const page = await document.getPage(number);
    const pieces = page.streamTextContent().getReader();
    for (let piece = await pieces.read(); !piece.done; piece = await pieces.read()) {
      for (const item of piece.value.items) {
        if ("str" in item) text += item.hasEOL ? `${item.str}\n` : item.str;
      }
      if (text.length < maxCharacters) continue;
      await pieces.cancel();
      break;
    }
    const written = describeAnnotations(await page.getAnnotations());
    page.cleanup();
    text = markUnreadable(text);
    if (written !== "") text = `${text.trim()}\n\n${written}`;
  } catch {
    // Keep what was read so far.
  }
  return text.slice(0, maxCharacters).trim();
}
