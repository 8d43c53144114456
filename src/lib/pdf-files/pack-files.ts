/**
 * Room `lib/pdf-files/`: what pdf.js reads besides the PDF itself, packed by `scripts/write-pdf-files`. Not here: any
 * data of our own.
 *
 * A pack is one zstd frame: a line with the name and length of each file, then the files.
 */
import { newline } from "../character-codes.ts";

const [betweenEntries, beforeLength] = [",", ":"];

export function packFiles(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const entries = [...files].map(([name, { length }]) => `${name}${beforeLength}${length}`);
  const head = Buffer.from(`${entries.join(betweenEntries)}\n`);
  return Bun.zstdCompressSync(Buffer.concat([head, ...files.values()]), { level: 22 });
}

/** @throws Error when the bytes are not compressed with zstd */
export function unpackFiles(packed: Uint8Array<ArrayBuffer>): ReadonlyMap<string, Uint8Array> {
  const bytes = Bun.zstdDecompressSync(packed);
  const headLength = bytes.indexOf(newline);
  const entries = bytes.toString("latin1", 0, headLength).split(betweenEntries);
  const files = new Map<string, Uint8Array>();
  let start = headLength + 1;
  for (const entry of entries) {
    const [name = "", length] = entry.split(beforeLength);
    files.set(name, bytes.subarray(start, start + Number(length)));
    start += Number(length);
  }
  return files;
}
