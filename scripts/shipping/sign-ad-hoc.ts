/**
 * Signs a program for macOS without a certificate, in the form that Apple's own linker gives: a SuperBlob with one
 * CodeDirectory of version 0x20400 and nothing else. Numbers are from XNU's `cs_blobs.h`.
 */
import { magics, readMachO, viewOf } from "./mach-o.ts";

const pageBits = 12;
const pageSize = 2 ** pageBits;
const hashSize = 32;
const sha256 = 2;
/** CS_ADHOC and CS_LINKER_SIGNED: whoever has a certificate may replace the signature without a warning. */
const flags = 0x20002;
const mainBinary = 1n;
const superBlobSize = 20;
const codeDirectorySize = 88;
/** Apple's linker aligns the last segment to the larger of the page sizes. */
const memoryPage = 0x4000n;

/**
 * A copy of the program with a new signature in place of the old one. It covers all bytes before it, including the
 * load commands.
 * @param identifier names the program to macOS, such as in the list of programs that may listen
 * @throws Error when the bytes are no program or have no room for a signature
 */
export function signAdHoc(bytes: Uint8Array, identifier: string): Uint8Array {
  const { text, linkEdit, signature } = readMachO(bytes);
  const name = new TextEncoder().encode(`${identifier}\0`);
  const pageCount = Math.ceil(signature.offset / pageSize);
  const hashesAt = codeDirectorySize + name.length;
  const directorySize = hashesAt + pageCount * hashSize;
  const size = superBlobSize + directorySize;

  const signed = new Uint8Array(signature.offset + size);
  signed.set(bytes.subarray(0, signature.offset));
  const view = viewOf(signed);
  view.setUint32(signature.at + 12, size, true);
  const linkEditSize = BigInt(signed.length - linkEdit.fileOffset);
  view.setBigUint64(linkEdit.at + 48, linkEditSize, true);
  view.setBigUint64(linkEdit.at + 32, ((linkEditSize + memoryPage - 1n) / memoryPage) * memoryPage, true);

  const superBlob = [magics.superBlob, size, 1, 0, superBlobSize];
  for (const [index, word] of superBlob.entries()) view.setUint32(signature.offset + index * 4, word);

  const at = signature.offset + superBlobSize;
  const words = [
    magics.codeDirectory,
    directorySize,
    0x20400,
    flags,
    hashesAt,
    codeDirectorySize,
    0, // no special slots: neither entitlements nor requirements
    pageCount,
    signature.offset,
    (hashSize << 24) | (sha256 << 16) | pageBits,
  ];
  for (const [index, word] of words.entries()) view.setUint32(at + index * 4, word);
  // The scatter, team and 64-bit limit fields in between are all zero.
  view.setBigUint64(at + 64, BigInt(text.fileOffset));
  view.setBigUint64(at + 72, BigInt(text.fileSize));
  view.setBigUint64(at + 80, mainBinary);
  signed.set(name, at + codeDirectorySize);
  for (let page = 0; page < pageCount; page++) {
    const code = signed.subarray(page * pageSize, Math.min((page + 1) * pageSize, signature.offset));
    signed.set(new Bun.CryptoHasher("sha256").update(code).digest(), at + hashesAt + page * hashSize);
  }
  return signed;
}
