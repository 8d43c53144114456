/**
 * The archives of a release. They contain only names, modes and contents: no time, no owner, no directory order. The
 * same files give the same bytes on every machine.
 */
import type { ArchiveFile } from "./archive-file.ts";
import { writeTar } from "./write-tar.ts";
import { writeZip } from "./write-zip.ts";

/** The highest level of libdeflate that is not very slow; unlike zlib's, its output is the same on every processor. */
const compression = { level: 9, library: "libdeflate" } as const;

/** Packs the files in the format given by the archive's name, sorted by path. */
export function writeArchive(name: string, files: readonly ArchiveFile[]): Uint8Array<ArrayBuffer> {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  if (name.endsWith(".zip")) return writeZip(sorted, (bytes) => Bun.deflateSync(bytes, compression));
  return Bun.gzipSync(writeTar(sorted), compression);
}
