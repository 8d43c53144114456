/**
 * The archives that a release consists of, with nothing in them but names, modes and contents: no time, no owner, no
 * order of a directory. The same files give the same bytes on every machine.
 */
import type { ArchiveFile } from "./archive-file.ts";
import { writeTar } from "./write-tar.ts";
import { writeZip } from "./write-zip.ts";

/** As far as libdeflate goes without becoming very slow; unlike zlib's, its output is the same on every processor. */
const compression = { level: 9, library: "libdeflate" } as const;

/** Packs the files in the form that the archive's name ends with, in the order of their paths. */
export function writeArchive(name: string, files: readonly ArchiveFile[]): Uint8Array<ArrayBuffer> {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  if (name.endsWith(".zip")) return writeZip(sorted, (bytes) => Bun.deflateSync(bytes, compression));
  return Bun.gzipSync(writeTar(sorted), compression);
}
