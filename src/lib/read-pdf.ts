/**
 * The text of a PDF, page by page, read on a thread of its own: the streams of others move on meanwhile, and a file
 * that keeps its reader busy for ever is given up.
 */

export type PdfLimits = {
  /** Milliseconds from now; what was read by then is kept. */
  readonly deadlineMs: number;
  readonly maxPages: number;
  readonly maxCharacters: number;
};

export type PdfText = {
  readonly kind: "text";
  readonly title: string | undefined;
  /** How many pages the file has. */
  readonly pageCount: number;
  /** The text of each page that was read, in order; fewer than there are where a limit was reached. */
  readonly pages: readonly string[];
};
/** `failed`: the reader itself could not do its work, which says nothing about the file. */
export type UnreadPdf = { readonly kind: "encrypted" | "broken" | "slow" | "failed" };
export type PdfReading = PdfText | UnreadPdf;

/** What the worker is given, and what it says about it. */
export type PdfJob = Omit<PdfLimits, "deadlineMs"> & { readonly bytes: Uint8Array };
export type PdfWord =
  | { readonly type: "opened"; readonly pageCount: number; readonly title: string | undefined }
  | { readonly type: "page"; readonly text: string }
  | { readonly type: "end" }
  | { readonly type: "failed"; readonly reason: "encrypted" | "broken" };

/** In a compiled program all sources are one file, and entry points lie beside it as they do in `src`. */
const workerUrl = new URL(
  import.meta.path.endsWith("read-pdf.ts") ? "./read-pdf-worker.ts" : "./lib/read-pdf-worker.js",
  import.meta.url,
);

/** Never throws. @param bytes given away: they are empty afterwards */
export async function readPdf(bytes: Uint8Array<ArrayBuffer>, limits: PdfLimits): Promise<PdfReading> {
  const { promise, resolve } = Promise.withResolvers<PdfReading>();
  let opened: Extract<PdfWord, { type: "opened" }> | undefined;
  const pages: string[] = [];
  const settle = (otherwise: UnreadPdf["kind"]): void => {
    if (!opened) resolve({ kind: otherwise });
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
        pages.push(word.text);
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
