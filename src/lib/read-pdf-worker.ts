/**
 * The worker of `read-pdf.ts`, a separate entry point that `scripts/build` names. A PDF can keep its reader busy
 * forever, and only a thread can be stopped from outside.
 */
import { getResolvedPDFJS } from "unpdf";
import { limitBuffers } from "./limit-buffers.ts";
import { PdfFiles } from "./pdf-files/pdf-files.ts";
import type { PdfJob, PdfWord } from "./read-pdf.ts";
import { type PdfDocument, readPdfPage } from "./read-pdf-page.ts";
import { readPdfPicture } from "./read-pdf-picture.ts";

declare const self: Worker;

const post = (word: PdfWord): void => self.postMessage(word);

/**
 * Limit on a stream of the file when it is decoded, bytes. Embedded fonts are the largest that a text needs; a scan is a
 * page of 300 dots an inch, in color.
 */
const maxStreamBytes = { texts: 32 * 1024 * 1024, pictures: 64 * 1024 * 1024 } as const;

/** Pixels. */
const maxImageSize = 16 * 1024 * 1024;

/** pdf.js asks for its files only if it knows an address for them; ours are not used. */
const pdfFiles = {
  BinaryDataFactory: PdfFiles,
  useWorkerFetch: false,
  cMapUrl: "packed/",
  standardFontDataUrl: "packed/",
};

self.onmessage = async ({ data }: MessageEvent<PdfJob>) => {
  limitBuffers(maxStreamBytes[data.reads], () => post({ type: "failed", reason: "huge" }));
  try {
    await (data.reads === "texts" ? readPages(data) : readPictures(data));
  } catch (thrown) {
    const isLocked = thrown instanceof Error && thrown.name === "PasswordException";
    post({ type: "failed", reason: isLocked ? "encrypted" : "broken" });
  }
};

async function open(bytes: Uint8Array, maxImageSize: number): Promise<PdfDocument> {
  const { getDocument } = await getResolvedPDFJS();
  // Quiet, and without drawing fonts.
  const quiet = { verbosity: 0, disableFontFace: true, isImageDecoderSupported: false };
  return await getDocument({ data: bytes, maxImageSize, ...quiet, ...pdfFiles }).promise;
}

type JobOf<What extends PdfJob["reads"]> = PdfJob & { readonly reads: What };

async function readPages({ bytes, maxPages, maxCharacters }: JobOf<"texts">): Promise<void> {
  // Without decoding images: only the text matters.
  const document = await open(bytes, 0);
  post({ type: "opened", pageCount: document.numPages, title: await readTitle(document) });
  let left = maxCharacters;
  for (let number = 1; number <= Math.min(document.numPages, maxPages) && left > 0; number += 1) {
    const page = await readPdfPage(document, number, left);
    left -= page.text.length;
    post({ type: "page", page });
  }
  post({ type: "end" });
}

async function readPictures({ bytes, pages }: JobOf<"pictures">): Promise<void> {
  const document = await open(bytes, maxImageSize);
  for (const number of pages) {
    const png = await readPdfPicture(document, number);
    if (png) post({ type: "picture", number, png });
  }
  post({ type: "end" });
}

async function readTitle(document: PdfDocument): Promise<string | undefined> {
  const metadata = await document.getMetadata().catch(() => undefined);
  const title = metadata && "Title" in metadata.info ? metadata.info.Title : undefined;
  return typeof title === "string" && title.trim() !== "" ? title.trim().slice(0, 200) : undefined;
}
