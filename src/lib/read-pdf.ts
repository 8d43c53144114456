/**
 * Reads the text of a PDF page by page, on a thread of its own, so that other streams are not held up and a file that
 * keeps its reader busy forever can be given up.
 */

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

/** The message to the worker, and its reply. */
export type PdfJob = Omit<PdfLimits, "deadlineMs"> & { readonly bytes: Uint8Array };
export type PdfWord =
  | { readonly type: "opened"; readonly pageCount: number; readonly title: string | undefined }
  | { readonly type: "page"; readonly page: PdfPage }
  | { readonly type: "end" }
  | { readonly type: "failed"; readonly reason: "encrypted" | "broken" | "huge" };

/** In a compiled program all sources are one file, with the entry points beside it as in `src`. */
const workerUrl = new URL(
  import.meta.path.endsWith("read-pdf.ts") ? "./read-pdf-worker.ts" : "./lib/read-pdf-worker.js",
  import.meta.url,
);

/**
 * Never throws.
 * @param bytes are transferred to the worker, and empty afterwards
 */
export async function readPdf(bytes: Uint8Array<ArrayBuffer>, limits: PdfLimits): Promise<PdfReading> {
  const { promise, resolve } = Promise.withResolvers<PdfReading>();
  let opened: Extract<PdfWord, { type: "opened" }> | undefined;
  const pages: PdfPage[] = [];
  const settle = (otherwise: UnreadPdf["kind"]): void => {
    if (!opened || (otherwise === "huge" && pages.length === 0)) resolve({ kind: otherwise });
    else resolve({ kind: "text", title: opened.title, pageCount: opened.pageCount, pages });
  };
  const worker = new Worker(workerUrl);
  worker.onerror = (event) => {
    event.preventDefault();
    settle("failed");
  };
  worker.onmessage = ({ data: word }: MessageEvent<PdfWord>) => {
    switch (word.type) {
      case "opened":
        opened = word;
        return;
      case "page":
        pages.push(word.page);
        return;
      case "end":
        return settle("failed");
      case "failed":
        return settle(word.reason);
      default:
        word satisfies never;
    }
  };
  const timer = setTimeout(() => settle("slow"), limits.deadlineMs);
  const { maxPages, maxCharacters } = limits;
  worker.postMessage({ bytes, maxPages, maxCharacters } satisfies PdfJob, [bytes.buffer]);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    worker.terminate();
  }
}
