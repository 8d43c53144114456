/** Zip archives as in PKWARE's APPNOTE.TXT: each file after a header of its own, then a directory of them all. */
import type { ArchiveFile } from "./archive-file.ts";

const signatures = { file: 0x04034b50, entry: 0x02014b50, end: 0x06054b50 } as const;
/** 2.0, the first version with folders and deflate. */
const versionNeeded = 20;
/** The same, made on Unix, so that the mode in the upper half of the attributes counts. */
const versionMadeBy = (3 << 8) | versionNeeded;
const deflated = 8;
/** 1 January 1980, the earliest date in the format: year, month and day in 7, 4 and 5 bits. */
const day = (0 << 9) | (1 << 5) | 1;
const regularFile = 0o100000;

/** @param deflate makes a raw deflate stream, without a header */
export function writeZip(
  files: readonly ArchiveFile[],
  deflate: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array,
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { path, contents, executable } of files) {
    const name = new TextEncoder().encode(path);
    const packed = deflate(contents);
    const facts = [
      short(versionNeeded, 0, deflated, 0, day),
      long(Bun.hash.crc32(contents), packed.length, contents.length),
      short(name.length, 0),
    ];
    const mode = regularFile | (executable ? 0o755 : 0o644);
    directory.push(long(signatures.entry), short(versionMadeBy), ...facts, short(0, 0, 0));
    directory.push(long(mode * 2 ** 16, at), name);
    const file = [long(signatures.file), ...facts, name, packed];
    parts.push(...file);
    at += sizeOf(file);
  }
  const end = [
    long(signatures.end),
    short(0, 0, files.length, files.length),
    long(sizeOf(directory), at),
    short(0),
  ];
  return Buffer.concat([...parts, ...directory, ...end]);
}

/** A number of two bytes, little-endian. */
function short(...values: readonly number[]): Uint8Array {
  return new Uint8Array(values.flatMap((value) => [value & 0xff, value >>> 8]));
}

/** A number of four bytes, little-endian. */
function long(...values: readonly number[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(values.length * 4));
  for (const [index, value] of values.entries()) bytes.setUint32(index * 4, value, true);
  return new Uint8Array(bytes.buffer);
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((size, part) => size + part.length, 0);
}
