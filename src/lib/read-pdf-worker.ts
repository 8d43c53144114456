/**
 * The worker of `read-pdf.ts`, a separate entry point that `scripts/build` names. A PDF can keep its reader busy
 * forever, and only a thread can be stopped from outside.
 */
import { getResolvedPDFJS } from "unpdf";
import { limitBuffers } from "./limit-buffers.ts";
import { PdfFiles } from "./pdf-files/pdf-files.ts";
import type { PdfJob, PdfWord } from "./read-pdf.ts";
import { type PdfDocument, readPdfPage } from "./read-pdf-page.ts";

declare const self: Worker;

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
  // Quiet, and without drawing fonts or decoding images: only the text matters.
  const document = await getDocument({
    data: bytes,
    verbosity: 0,
    disableFontFace: true,
    maxImageSize: 0,
    ...pdfFiles,
  }).promise;
  post({ type: "opened", pageCount: document.numPages, title: await readTitle(document) });
  let left = maxCharacters;
  for (let number = 1; number <= Math.min(document.numPages, maxPages) && left > 0; number += 1) {
    const page = await readPdfPage(document, number, left);
    left -= page.text.length;
    post({ type: "page", page });
  }
  post({ type: "end" });
}

async function readTitle(document: PdfDocument): Promise<string | undefined> {
  const metadata = await document.getMetadata().catch(() => undefined);
  const title = metadata && "Title" in metadata.info ? metadata.info.Title : undefined;
  return typeof title === "string" && title.trim() !== "" ? title.trim().slice(0, 200) : undefined;
}
