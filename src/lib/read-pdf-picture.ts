/** Reads the picture that a scanned page of a PDF consists of. For the worker of `read-pdf.ts`. */
import { getResolvedPDFJS } from "unpdf";
import { isObject, type JsonObject } from "./json.ts";
import { raceTimer } from "./race-timer.ts";
import { type Page, type PdfDocument, readOperators } from "./read-pdf-page.ts";
import { type Picture, writePng } from "./write-png.ts";

/** Pixels of the longer side of what is written; an A4 page then has 170 dots an inch. */
const maxSide = 2000;

/** Images of a page that are looked at. */
const maxImages = 20;

/** An image that cannot be decoded may never arrive, ms. */
const maxWait = 5000;

/** A PNG of the largest image on the page; undefined if there is none that can be decoded. */
export async function readPdfPicture(document: PdfDocument, number: number): Promise<Uint8Array | undefined> {
  try {
    const page = await document.getPage(number);
    const image = await findLargestImage(page);
    const picture = image && readPixels(image);
    page.cleanup();
    return picture && writePng(picture, maxSide);
  } catch {
    return undefined;
  }
}

async function findLargestImage(page: Page): Promise<JsonObject | undefined> {
  const { OPS } = await getResolvedPDFJS();
  const codes = new Set([OPS.paintImageXObject, OPS.paintImageMaskXObject, OPS.paintInlineImageXObject]);
  // pdf.js drops the images of a page that nobody is drawing.
  page._intentStates.set("picture", { renderTasks: new Set(), operatorList: { lastChunk: true } });
  const drawn: unknown[] = [];
  for await (const { code, operands } of readOperators(page))
    if (codes.has(code) && Array.isArray(operands)) drawn.push(operands[0]);
  let largest: JsonObject | undefined;
  for (const image of drawn.slice(0, maxImages)) {
    const loaded = await load(page, image);
    if (loaded && areaOf(loaded) > areaOf(largest ?? {})) largest = loaded;
  }
  return largest;
}

/** An image is named, or is there itself; a mask is there, and may name its data. */
async function load(page: Page, image: unknown): Promise<JsonObject | undefined> {
  const name = isObject(image) ? image.data : image;
  if (typeof name !== "string") return isObject(image) ? image : undefined;
  const { promise, resolve } = Promise.withResolvers<unknown>();
  // Images of several pages have names that begin so.
  (name.startsWith("g_") ? page.commonObjs : page.objs).get(name, resolve);
  const loaded = await raceTimer(promise, maxWait);
  return isObject(loaded) ? loaded : undefined;
}

function areaOf({ width, height }: JsonObject): number {
  return Number(width ?? 0) * Number(height ?? 0);
}

/** The bytes of a pixel, by pdf.js's number for the kind of an image; a mask has none, and one bit. */
const bytesOfKind: Readonly<Record<number, number>> = { 2: 3, 3: 4 };

function readPixels({ width, height, kind, data }: JsonObject): Picture | undefined {
  if (typeof width !== "number" || typeof height !== "number" || !ArrayBuffer.isView(data)) return undefined;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const perPixel = typeof kind === "number" ? bytesOfKind[kind] : undefined;
  if (perPixel !== undefined) return { width, height, depth: perPixel === 3 ? "rgb" : "rgba", data: bytes };
  return { width, height, depth: "bit", data: bytes };
}
