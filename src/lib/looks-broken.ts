/** Guesses whether an image is damaged, without decoding it. */
import { findFileFormat } from "./find-file-format.ts";
import { readImageSize } from "./read-image-size.ts";

/** Enough of the base64 to reach the size, past thumbnails and color profiles. */
const headLength = 262_144;
const tailLength = 1024;
/** Pixels. Several servers refuse images with a smaller side. */
const minSide = 14;

/**
 * Whether a base64 image is no image, ends too early or is tiny. A suspicion: good for choosing among images of which
 * one was refused.
 */
export function looksBroken(base64: string): boolean {
  const size = readImageSize(Buffer.from(base64.slice(0, headLength), "base64"));
  if (!size || Math.min(size.width, size.height) < minSide) return true;
  const tail = Buffer.from(base64.slice(-tailLength), "base64").toString("latin1");
  switch (findFileFormat(base64)?.imageType) {
    case "image/png":
      return !tail.includes("IEND");
    case "image/jpeg":
      return !tail.includes("\xff\xd9");
    case "image/gif":
      return !tail.trimEnd().endsWith(";");
    case "image/webp": {
      const declared = Buffer.from(base64.slice(0, 16), "base64").readUInt32LE(4) + 8;
      return declared > Math.ceil((base64.length * 3) / 4);
    }
    case undefined:
      return true;
  }
}
