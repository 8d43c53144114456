/** Reads what a page of a PDF says. For the worker of `read-pdf.ts`, because it may never end. */
import { getResolvedPDFJS } from "unpdf";
import { describeAnnotations, markUnreadable } from "./describe-pdf-page.ts";
import { layOutText, type PlacedText } from "./lay-out-text.ts";
import { type DrawingStep, measureImages } from "./measure-images.ts";
import type { PdfPage } from "./read-pdf.ts";

type Pdfjs = Awaited<ReturnType<typeof getResolvedPDFJS>>;
export type PdfDocument = Awaited<ReturnType<Pdfjs["getDocument"]>["promise"]>;

export type Page = Awaited<ReturnType<PdfDocument["getPage"]>>;
type TextItem = Extract<Awaited<ReturnType<Page["getTextContent"]>>["items"][number], { str: string }>;

/** pdf.js wants a reason when its streams are cancelled. */
const enough = new Error("Enough was read");

/** Pieces of text laid out together. No page that anybody reads has more, and they take memory. */
const maxPieces = 100_000;
/** A page with more letters says something, whatever its images show; with fewer, they are a number or a stamp. */
const maxLabelLetters = 120;
/** Share of the page from which on an image is what the page shows. */
const minImageShare = 0.5;

/** What could be read until then, if the page is broken. */
export async function readPdfPage(
  document: PdfDocument,
  number: number,
  maxCharacters: number,
): Promise<PdfPage> {
  let [text, written, isPicture] = ["", "", false];
  try {
    const page = await document.getPage(number);
    text = await readText(page, maxCharacters);
    written = describeAnnotations(await page.getAnnotations());
    const letters = text.replace(/\s+/g, "").length;
    isPicture = letters <= maxLabelLetters && (await readImageShare(page)) >= minImageShare;
    page.cleanup();
  } catch {
    // Keep what was read so far.
  }
  const whole = [markUnreadable(text), written].filter((part) => part !== "").join("\n\n");
  return { text: whole.slice(0, maxCharacters), isPicture };
}

/** Read in parts, because a page of one megabyte may inflate to gigabytes of text. */
async function readText(page: Page, maxCharacters: number): Promise<string> {
  const parts = page.streamTextContent().getReader();
  let placed: PlacedText[] = [];
  let text = "";
  let left = maxCharacters;
  try {
    for (let part = await parts.read(); !part.done && left > 0; part = await parts.read()) {
      for (const item of part.value.items) {
        if (!("str" in item) || item.str.trim() === "") continue;
        placed.push(place(item));
        left -= item.str.length;
      }
      if (placed.length < maxPieces) continue;
      text += `${layOutText(placed, left)}\n`;
      placed = [];
    }
    await parts.cancel(enough);
  } catch {
    // Keep what was read so far.
  }
  return text + layOutText(placed, maxCharacters);
}

/**
 * Letters as only fonts need them: radicals for Chinese characters, ligatures, Arabic letters by their place in a word.
 */
const fontForms = /[\u2e80-\u2fdf\ufb00-\ufb06\ufb50-\ufdff\ufe70-\ufefc]+/g;
/** Where Apple's fonts have ligatures. */
const appleLigatures: Readonly<Record<string, string>> = { "\uf001": "fi", "\uf002": "fl" };

function place({ str, dir, transform, width, height }: TextItem): PlacedText {
  const [a, b, c, d, x, y]: number[] = transform;
  const isVertical = dir === "ttb";
  return {
    text: str
      .replace(fontForms, (letters) => letters.normalize("NFKC"))
      .replace(/[\uf001\uf002]/g, (letter) => appleLigatures[letter] ?? letter),
    x: x ?? 0,
    y: y ?? 0,
    size: Math.hypot(c ?? 0, d ?? 0),
    length: isVertical ? height : width,
    angle: isVertical ? 270 : (Math.atan2(b ?? 0, a ?? 0) * 180) / Math.PI,
    isRightToLeft: dir === "rtl",
  };
}

/** Beyond this many steps, a page is a drawing. */
const maxSteps = 50_000;

/** pdf.js's bits for drawing on a screen, and without annotations. */
const intent = 0x02 | 0x40;

async function readImageShare(page: Page): Promise<number> {
  const [left = 0, bottom = 0, right = 0, top = 0] = page.view;
  return measureImages(readSteps(page), [left, bottom, right, top]);
}

/** One step of how a page is drawn: pdf.js's number for it, and what it takes. */
type Operator = { readonly code: number; readonly operands: unknown };

/** Some steps of how a page is drawn: pdf.js's numbers for them, and what they take. */
type OperatorPart = { readonly fnArray: readonly number[]; readonly argsArray: readonly unknown[] };

async function* readSteps(page: Page): AsyncGenerator<DrawingStep> {
  const { OPS } = await getResolvedPDFJS();
  for await (const { code, operands } of readOperators(page)) yield* nameStep(OPS, code, operands);
}

/** In parts, because `getOperatorList` keeps all steps in memory, which a page of one megabyte may fill. */
export async function* readOperators(page: Page): AsyncGenerator<Operator> {
  const pageIndex = page.pageNumber - 1;
  const request = { pageId: pageIndex, pageIndex, intent, cacheKey: "", annotationStorage: null };
  const stream: ReadableStream<OperatorPart> = page._transport.messageHandler.sendWithStream(
    "GetOperatorList",
    request,
  );
  const parts = stream.getReader();
  let left = maxSteps;
  for (let part = await parts.read(); !part.done; part = await parts.read()) {
    const { fnArray, argsArray } = part.value;
    for (const [i, code] of fnArray.entries()) yield { code, operands: argsArray[i] };
    left -= fnArray.length;
    if (left < 0) return parts.cancel(enough);
  }
}

function nameStep(codes: Pdfjs["OPS"], code: number, operands: unknown): readonly DrawingStep[] {
  switch (code) {
    case codes.save:
      return [{ type: "save" }];
    case codes.restore:
    case codes.paintFormXObjectEnd:
      return [{ type: "restore" }];
    case codes.transform:
      return readMatrix(operands);
    case codes.paintFormXObjectBegin:
      return [{ type: "save" }, ...readMatrix(Array.isArray(operands) ? operands[0] : undefined)];
    case codes.constructPath:
      // It draws nothing if it only bounds what comes next.
      return Array.isArray(operands) && operands[0] === codes.endPath ? [] : [{ type: "draw" }];
    case codes.beginText:
    case codes.shadingFill:
    case codes.rawFillPath:
      return [{ type: "draw" }];
    default:
      return [];
  }
}

function readMatrix(operands: unknown): readonly DrawingStep[] {
  if (!Array.isArray(operands) && !(operands instanceof Float32Array)) return [];
  const [a, b, c, d, e, f] = Array.from(operands, Number);
  return [{ type: "transform", matrix: [a ?? 1, b ?? 0, c ?? 0, d ?? 1, e ?? 0, f ?? 0] }];
}
