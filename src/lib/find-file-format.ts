/** Finds out what a file is from its first bytes: names and declared types are often wrong. */

type FileFormat = {
  /** As people call it: `PNG`. */
  readonly name: string;
  /** Only for the images that every backend with vision reads. */
  readonly imageType?: "image/png" | "image/jpeg" | "image/gif" | "image/webp";
};

/** Base64 characters that are looked at: enough for a comment before the root element of an SVG file. */
const headLength = 2048;

/** The format of a base64 file; undefined if it is none of those known here. */
export function findFileFormat(base64: string): FileFormat | undefined {
  const bytes = Buffer.from(base64.slice(0, headLength), "base64");
  const hex = bytes.toString("hex", 0, 16);
  const found = binary.find(([begins]) => begins.test(hex));
  if (found) return found[1];
  const text = bytes.toString("latin1");
  return texts.find(([begins]) => begins.test(text))?.[1];
}

/** The first bytes in hexadecimal digits. Sources: the specification of each format. */
const binary: readonly (readonly [begins: RegExp, format: FileFormat])[] = [
  [/^89504e470d0a1a0a/, { name: "PNG", imageType: "image/png" }],
  [/^ffd8ff/, { name: "JPEG", imageType: "image/jpeg" }],
  [/^47494638(?:37|39)61/, { name: "GIF", imageType: "image/gif" }],
  [/^52494646.{8}57454250/, { name: "WebP", imageType: "image/webp" }],
  [/^424d.{8}00000000/, { name: "BMP" }],
  [/^(?:49492[ab]00|4d4d002[ab])/, { name: "TIFF" }],
  [/^0000(?:01|02)00..00/, { name: "ICO" }],
  // `ftyp` and a brand: avif, avis; heic, heim, heis, heix, hevc, hevm, hevs, hevx, mif1, msf1
  [/^.{8}66747970617669(?:66|73)/, { name: "AVIF" }],
  [/^.{8}66747970(?:6865(?:69|76)(?:63|6d|73|78)|6d(?:69|73)6631)/, { name: "HEIC" }],
  [/^.{8}66747970/, { name: "MP4" }],
  [/^(?:ff0a|0000000c4a584c20)/, { name: "JPEG XL" }],
  [/^0000000c6a502020/, { name: "JPEG 2000" }],
  [/^38425053/, { name: "Photoshop" }],
  [/^255044462d/, { name: "PDF" }],
  [/^504b0304/, { name: "ZIP" }],
  [/^1f8b08/, { name: "gzip" }],
];

/** The first bytes as characters of ISO 8859-1, after a byte order mark. */
const texts: readonly (readonly [begins: RegExp, format: FileFormat])[] = [
  [/^(?:ï»¿)?\s*(?:<[?!][^>]*>\s*)*<svg\b/i, { name: "SVG" }],
  [/^(?:ï»¿)?\s*(?:<!--[^>]*>\s*)*<(?:!doctype html|html|head|body)\b/i, { name: "HTML" }],
  [/^(?:ï»¿)?\s*<\?xml\b/, { name: "XML" }],
  [/^\s*[{[]\s*["{\]}]/, { name: "JSON" }],
];
