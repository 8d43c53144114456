/**
 * Tar archives in the ustar format of POSIX.1-1988: a 512-byte header for each file, then its contents, padded to 512
 * bytes.
 */
import type { ArchiveFile } from "./archive-file.ts";

const blockSize = 512;
/** 1 January 1980, as in zip archives, in seconds: some readers warn about 1970. */
const time = 315_532_800;

/** @throws Error for a path or a file that is too long for the format */
export function writeTar(files: readonly ArchiveFile[]): Uint8Array<ArrayBuffer> {
  const blocks: Uint8Array[] = files.flatMap((file) => [
    writeHeader(file),
    file.contents,
    new Uint8Array(-file.contents.length & (blockSize - 1)),
  ]);
  // Two empty blocks mark the end.
  return Buffer.concat([...blocks, new Uint8Array(2 * blockSize)]);
}

function writeHeader({ path, contents, executable }: ArchiveFile): Uint8Array {
  const header = new Uint8Array(blockSize);
  const put = (at: number, text: string, size: number): void => {
    if (text.length > size) throw new Error(`Cannot write the archive: ${path} is too long for a tar header`);
    header.set(new TextEncoder().encode(text), at);
  };
  const octal = (value: number, size: number) => `${value.toString(8).padStart(size - 1, "0")}\0`;
  put(0, path, 100);
  put(100, octal(executable ? 0o755 : 0o644, 8), 8);
  put(108, octal(0, 8), 8); // user
  put(116, octal(0, 8), 8); // group
  put(124, octal(contents.length, 12), 12);
  put(136, octal(time, 12), 12);
  put(156, "0", 1); // an ordinary file
  put(257, "ustar\x0000", 8);
  put(329, octal(0, 8), 8); // device
  put(337, octal(0, 8), 8);
  // The checksum counts its own field as spaces.
  put(148, "        ", 8);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `, 8);
  return header;
}
