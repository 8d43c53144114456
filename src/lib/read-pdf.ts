/**
 * Reads the text of a PDF page by page, on a thread of its own, so that other streams are not held up and a file that
 * keeps its reader busy forever can be given up.
 */
import { startThread } from "./start-thread.ts";

export type PdfLimits = {
  /** Time limit, ms; what was read by then is kept. */
  readonly deadlineMs: number;
  readonly maxPages: number;
  readonly maxCharacters: number;
};

export type PdfText = {
  readonly kind: "text";
  readonly title: string | undefined;
  /** Number of pages in the file. */
  readonly pageCount: number;
  /** The pages that were read, in order; fewer than `pageCount` if a limit was reached. */
  readonly pages: readonly PdfPage[];
};

export type PdfPage = {
  readonly text: string;
  /** An image covers most of the page, and there is little text beside it: what the page says is in the image. */
  readonly isPicture: boolean;
};
/**
 * `huge`: something in the file decodes to more than any text needs. `failed`: the reader itself did not work, which
 * says nothing about the file.
 */
export type UnreadPdf = { readonly kind: "encrypted" | "broken" | "slow" | "huge" | "failed" };
export type PdfReading = PdfText | UnreadPdf;

/** The message to the worker, and its reply: the texts of pages, or the pictures on them, as PNG. */
export type PdfJob = { readonly bytes: Uint8Array } & (
  | ({ readonly reads: "texts" } & Omit<PdfLimits, "deadlineMs">)
  | { readonly reads: "pictures"; readonly pages: readonly number[] }
);
export type PdfWord =
  | { readonly type: "opened"; readonly pageCount: number; readonly title: string | undefined }
  | { readonly type: "page"; readonly page: PdfPage }
  | { readonly type: "picture"; readonly number: number; readonly png: Uint8Array }
  | { readonly type: "end" }
  | { readonly type: "failed"; readonly reason: "encrypted" | "broken" | "huge" };

/** In a compiled program all sources are one file, with the entry points beside it as in `src`. */
const workerUrl = new URL(
  import.meta.path.endsWith("read-pdf.ts") ? "./read-pdf-worker.ts" : "./lib/read-pdf-worker.js",
  import.meta.url,
);

/**
 * @param bytes are transferred to the worker, and empty afterwards
 * @throws Error of the system when no thread can be started; never because of the file
 */
export async function readPdf(bytes: Uint8Array<ArrayBuffer>, limits: PdfLimits): Promise<PdfReading> {
  let opened: Extract<PdfWord, { type: "opened" }> | undefined;
  const pages: PdfPage[] = [];
  const { deadlineMs, maxPages, maxCharacters } = limits;
  const job = { reads: "texts", bytes, maxPages, maxCharacters } as const;
  const end = await runWorker(job, deadlineMs, (word) => {
    if (word.type === "opened") opened = word;
    if (word.type === "page") pages.push(word.page);
  });
  if (!opened || (end === "huge" && pages.length === 0)) return { kind: end };
  return { kind: "text", title: opened.title, pageCount: opened.pageCount, pages };
}

/**
 * The pictures of pages that are nothing else, as PNG, by the number of the page; those that could be read within the
 * time.
 * @param bytes are transferred to the worker, and empty afterwards
 * @throws Error as `readPdf` does
 */
export async function readPdfPictures(
  bytes: Uint8Array<ArrayBuffer>,
  pages: readonly number[],
  deadlineMs: number,
): Promise<ReadonlyMap<number, Uint8Array>> {
  const pictures = new Map<number, Uint8Array>();
  await runWorker({ reads: "pictures", bytes, pages }, deadlineMs, (word) => {
    if (word.type === "picture") pictures.set(word.number, word.png);
  });
  return pictures;
}

/**
 * @param hear told every word of the worker
 * @returns what is wrong if nothing was read
 */
async function runWorker(
  job: PdfJob & { readonly bytes: Uint8Array<ArrayBuffer> },
  deadlineMs: number,
  hear: (word: PdfWord) => void,
): Promise<UnreadPdf["kind"]> {
  const { promise, resolve } = Promise.withResolvers<UnreadPdf["kind"]>();
  const worker = startThread(workerUrl);
  worker.onerror = (event) => {
    event.preventDefault();
    resolve("failed");
  };
  worker.onmessage = ({ data: word }: MessageEvent<PdfWord>) => {
    hear(word);
    if (word.type === "end") resolve("failed");
    if (word.type === "failed") resolve(word.reason);
  };
  const timer = setTimeout(() => resolve("slow"), deadlineMs);
  worker.postMessage(job, [job.bytes.buffer]);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    worker.terminate();
  }
}
