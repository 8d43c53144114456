/**
 * Caches the texts of PDFs by content. A client sends the same file again with every turn of a conversation, and it
 * must become the same text every time, or the backend's prompt cache would miss.
 */
import { createHash } from "node:crypto";
import { createFairGate } from "../../lib/fair-gate.ts";
import { createLru } from "../../lib/lru.ts";
import { type PdfLimits, type PdfReading, readPdf } from "../../lib/read-pdf.ts";

export type PdfTexts = {
  /**
   * The content of a PDF, read at most once. Never throws.
   * @param client whose slow files hold up nobody else's
   */
  read(base64: string, client: unknown): Promise<PdfReading>;
};

type PdfTextsOptions = {
  readonly limits?: PdfLimits;
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
const [maxAtOnce, maxAtOnceEach] = [4, 2];
/** The weight of a result without text. */
const minWeight = 1000;

export function createPdfTexts({
  limits = defaultLimits,
  maxKept = 16_000_000,
  readFile = readPdf,
}: PdfTextsOptions = {}): PdfTexts {
  const kept = createLru<string, PdfReading>(maxKept, weigh);
  const underWay = new Map<string, Promise<PdfReading>>();
  const gate = createFairGate(maxAtOnce, maxAtOnceEach);

  async function readNow(key: string, base64: string): Promise<PdfReading> {
    try {
      const reading = await readFile(new Uint8Array(Buffer.from(base64, "base64")), limits);
      if (reading.kind !== "failed") kept.set(key, reading);
      return reading;
    } finally {
      underWay.delete(key);
    }
  }

  return {
    async read(base64, client) {
      const key = hash(base64);
      const find = () => kept.get(key) ?? underWay.get(key);
      const known = find();
      if (known) return known;
      // Clients that want the same file wait each for itself, because one may have slow files before it.
      const leave = await gate.enter(client);
      try {
        const readMeanwhile = find();
        if (readMeanwhile) return readMeanwhile;
        const reading = readNow(key, base64);
        underWay.set(key, reading);
        await reading;
        return reading;
      } finally {
        leave();
      }
    },
  };
}

function hash(base64: string): string {
  return createHash("sha256").update(base64).digest("base64");
}

function weigh(reading: PdfReading): number {
  const characters =
    reading.kind === "text" ? reading.pages.reduce((sum, page) => sum + page.text.length, 0) : 0;
  return minWeight + characters;
}
