/** What the model reads instead of a PDF, and what it is told about what cannot be read. */
import type { PdfPage, PdfReading, PdfText, UnreadPdf } from "../../lib/read-pdf.ts";

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
    const are = scanned === 1 ? "1 page is mostly an image" : `${scanned} pages are mostly images`;
    parts.push(`[${are}, perhaps scanned, and only text can be read here. ${scanAdvice}]`);
    losses.push("left out pages of a PDF that are mostly images, perhaps scanned");
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
  const head = `[Page ${number}${isPicture ? ": mostly an image, which cannot be read, and these words" : ""}]`;
  return `${head}\n${text.slice(0, maxCharacters)}`;
}

function countOf(pages: number): string {
  return pages === 1 ? "1 page" : `${pages} pages`;
}
