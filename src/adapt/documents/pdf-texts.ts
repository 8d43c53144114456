/**
 * Caches the texts of PDFs by content. A client sends the same file again with every turn of a conversation, and it
 * must become the same text every time, or the backend's prompt cache would miss.
 */
import { createFairGate } from "../../lib/fair-gate.ts";
import { createLru } from "../../lib/lru.ts";
import { type PdfLimits, type PdfReading, readPdf, readPdfPictures } from "../../lib/read-pdf.ts";

export type PdfTexts = {
  /**
   * The content of a PDF, read at most once.
   * @param client whose slow files hold up nobody else's; undefined if unknown
   * @throws Error of the system when it allows no further thread
   */
  read(base64: string, client: string | undefined): Promise<PdfReading>;
  /** The pictures of scanned pages, as PNG in base64; those that can be read. Keeps nothing. */
  readPictures(
    base64: string,
    pages: readonly number[],
    client: string | undefined,
  ): Promise<ReadonlyMap<number, string>>;
};

type PdfTextsOptions = {
  readonly limits?: PdfLimits;
  readonly slowAfterMs?: number;
  /** Characters kept in memory, for all files together. */
  readonly maxKept?: number;
  readonly readFile?: typeof readPdf;
};

const defaultLimits: PdfLimits = {
  deadlineMs: 10_000,
  // Anthropic's own limit of pages per request. Source: its guide on PDF support.
  maxPages: 600,
  maxCharacters: 2_000_000,
};

/** Threads at work at the same time, and those for one client; each may take a hundred megabytes. */
const [maxAtOnce, maxAtOnceEach] = [3, 2];
/** After this time, ms, a file gives its place to the next one, and this many such files are still read. */
const [defaultSlowAfterMs, maxSlow] = [2000, 2];
/** The weight of a result without text. */
const minWeight = 1000;

export function createPdfTexts({
  limits = defaultLimits,
  slowAfterMs = defaultSlowAfterMs,
  maxKept = 16_000_000,
  readFile = readPdf,
}: PdfTextsOptions = {}): PdfTexts {
  const kept = createLru<string, PdfReading>(maxKept, weigh);
  const underWay = new Map<string, Promise<PdfReading>>();
  const gate = createFairGate(maxAtOnce, maxAtOnceEach);
  let slow = 0;

  async function readNow(key: string, base64: string): Promise<PdfReading> {
    try {
      const reading = await readFile(new Uint8Array(Buffer.from(base64, "base64")), limits);
      if (reading.kind !== "failed") kept.set(key, reading);
      return reading;
    } finally {
      underWay.delete(key);
    }
  }

  /** Waits for the end of a reading. Leaves its place then, or before if the file is slow. */
  async function finish<Reading>(reading: Promise<Reading>, leave: () => void): Promise<Reading> {
    let isSlow = false;
    const timer = setTimeout(() => {
      if (slow === maxSlow) return;
      slow += 1;
      isSlow = true;
      leave();
    }, slowAfterMs);
    try {
      return await reading;
    } finally {
      clearTimeout(timer);
      if (isSlow) slow -= 1;
      else leave();
    }
  }

  return {
    async readPictures(base64, pages, client) {
      const leave = await gate.enter(client, base64.length);
      const bytes = new Uint8Array(Buffer.from(base64, "base64"));
      const pictures = await finish(readPdfPictures(bytes, pages, limits.deadlineMs), leave);
      return new Map([...pictures].map(([page, png]) => [page, Buffer.from(png).toString("base64")]));
    },
    async read(base64, client) {
      const key = hash(base64);
      const find = () => kept.get(key) ?? underWay.get(key);
      const known = find();
      if (known) return known;
      // Clients that want the same file wait separately, because one of them may have slow files ahead of it.
      const leave = await gate.enter(client, base64.length);
      const readMeanwhile = find();
      if (readMeanwhile) {
        leave();
        return readMeanwhile;
      }
      const reading = readNow(key, base64);
      underWay.set(key, reading);
      return finish(reading, leave);
    },
  };
}

function hash(base64: string): string {
  return Bun.CryptoHasher.hash("sha256", base64, "base64");
}

function weigh(reading: PdfReading): number {
  const characters =
    reading.kind === "text" ? reading.pages.reduce((sum, page) => sum + page.text.length, 0) : 0;
  return minWeight + characters;
}
