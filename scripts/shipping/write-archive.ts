/**
 * The archives that a release consists of, with nothing in them but names, modes and contents: no time, no owner, no
 * order of a directory. The same files give the same bytes on every machine.
 */
import { writeTar } from "./write-tar.ts";
import { writeZip } from "./write-zip.ts";

export type ArchiveFile = {
  /** Relative, with `/` between its parts, in ASCII. */
  readonly path: string;
  readonly contents: Uint8Array<ArrayBuffer>;
  /** It is a program. */
  readonly executable?: true;
};

/** As far as libdeflate goes without becoming very slow; unlike zlib's, its output is the same on every processor. */
const compression = { level: 9, library: "libdeflate" } as const;

/** Packs the files in the form that the archive's name ends with, in the order of their paths. */
export function writeArchive(name: string, files: readonly ArchiveFile[]): Uint8Array<ArrayBuffer> {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  if (name.endsWith(".zip")) return writeZip(sorted, (bytes) => Bun.deflateSync(bytes, compression));
  return Bun.gzipSync(writeTar(sorted), compression);
}
