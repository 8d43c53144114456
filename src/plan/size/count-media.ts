/** What images and PDF pages cost, by the rules of the model that will see them. */
import type { ImageBlock } from "../../anthropic/wire.ts";
import type { ImageRule } from "../../catalog/token-rules.ts";
import { type ImageSize, readImageSize } from "../../lib/read-image-size.ts";

/** A typical screenshot, for images whose size is unknown. */
const unseen: ImageSize = { width: 1280, height: 960 };

/** Enough of an image's base64 to reach its size. */
const headerLength = 2048;

/** The same for a JPEG, which may have thumbnails and color profiles before its size. */
const jpegHeaderLength = 262_144;
const jpegBegins = "/9j/";

const bytesPerPage = 60_000;

/** Base64 characters that are searched for pages: 30 milliseconds during which nothing else runs. */
const searchedLength = 8_000_000;

export function imageTokens(source: ImageBlock["source"], rule: ImageRule): number {
  return Math.round(applyRule((source.type === "base64" && readSize(source.data)) || unseen, rule));
}

function readSize(base64: string): ImageSize | undefined {
  const read = (length: number) => readImageSize(Buffer.from(base64.slice(0, length), "base64"));
  return read(headerLength) ?? (base64.startsWith(jpegBegins) ? read(jpegHeaderLength) : undefined);
}

function applyRule(size: ImageSize, rule: ImageRule): number {
  switch (rule.kind) {
    case "tiles": {
      const inside = shrink(size, 2048 / Math.max(size.width, size.height));
      const { width, height } = shrink(inside, 768 / Math.min(inside.width, inside.height));
      return rule.base + rule.tile * Math.ceil(width / 512) * Math.ceil(height / 512);
    }
    case "patches":
      return rule.each * countPatches(size, rule.side, rule.maxPatches);
    case "area": {
      const { width, height } = shrink(size, rule.maxSide / Math.max(size.width, size.height));
      return Math.min(rule.maxTokens, Math.ceil((width * height) / rule.pixels));
    }
    case "crops": {
      if (Math.max(size.width, size.height) <= 384) return rule.each;
      const side = Math.min(768, Math.max(256, Math.floor(Math.min(size.width, size.height) / 1.5)));
      return rule.each * Math.ceil(size.width / side) * Math.ceil(size.height / side);
    }
    case "fixed":
      return rule.tokens;
    default:
      return rule satisfies never;
  }
}

/** An image with too many patches is shrunk until they fit, by whole patches. Source: OpenAI's guide on images. */
function countPatches({ width, height }: ImageSize, side: number, maxPatches: number): number {
  const patches = Math.ceil(width / side) * Math.ceil(height / side);
  if (patches <= maxPatches) return patches;
  const scale = Math.sqrt((side * side * maxPatches) / (width * height));
  const across = (width * scale) / side;
  const down = (height * scale) / side;
  const whole = Math.min(Math.floor(across) / across, Math.floor(down) / down);
  // The tolerance keeps a side that is a whole number of patches from rounding up.
  return (
    Math.min(maxPatches, Math.ceil(across * whole - 1e-9) * Math.ceil(down * whole - 1e-9)) || maxPatches
  );
}

function shrink({ width, height }: ImageSize, scale: number): ImageSize {
  const factor = Math.min(1, scale);
  return { width: width * factor, height: height * factor };
}

/** Counts page objects. Newer files may hide them in compressed streams; then the file size is used. */
export function countPages(base64: string): number {
  if (base64.length > searchedLength) return guessPages(base64);
  const pdf = Buffer.from(base64, "base64").toString("latin1");
  const pages = pdf.match(/\/Type\s*\/Page(?![A-Za-z])/g);
  return pages?.length ?? guessPages(base64);
}

/** Pages, estimated from the file size. */
export function guessPages(base64: string): number {
  return Math.max(1, Math.ceil((base64.length * 3) / 4 / bytesPerPage));
}
