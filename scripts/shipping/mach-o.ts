/**
 * Programs for macOS: where their parts are, and whether their signature fits their bytes. Numbers are from Apple's
 * `mach-o/loader.h` and XNU's `cs_blobs.h`. Load commands are little-endian, the signature is big-endian.
 */

export const magics = { program: 0xfeedfacf, superBlob: 0xfade0cc0, codeDirectory: 0xfade0c02 } as const;
const commands = { segment: 0x19, codeSignature: 0x1d } as const;
const headerSize = 32;
/** Slots of a SuperBlob that hold a CodeDirectory: the first, and alternatives with other hashes. */
const isCodeDirectorySlot = (slot: number) => slot === 0 || (slot >= 0x1000 && slot < 0x1005);
const hashNames: Readonly<Record<number, "sha1" | "sha256" | "sha384">> = {
  1: "sha1",
  2: "sha256",
  3: "sha256",
  4: "sha384",
};

export type Segment = {
  /** The offset of its load command. */
  readonly at: number;
  readonly fileOffset: number;
  readonly fileSize: number;
};

export type MachO = {
  /** Its first bytes of code are from here. */
  readonly text: Segment;
  /** The last segment, which ends with the signature. */
  readonly linkEdit: Segment;
  readonly signature: { readonly at: number; readonly offset: number; readonly size: number };
};

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @throws Error for anything but a 64-bit little-endian program with a place for its signature at its end */
export function readMachO(bytes: Uint8Array): MachO {
  const view = viewOf(bytes);
  if (bytes.length < headerSize || view.getUint32(0, true) !== magics.program)
    throw new Error("Cannot read the Mach-O file: it is not a 64-bit program");
  const segments = new Map<string, Segment>();
  let signature: MachO["signature"] | undefined;
  let at = headerSize;
  for (let left = view.getUint32(16, true); left > 0; left--) {
    const command = view.getUint32(at, true);
    if (command === commands.segment) {
      const name = readText(bytes, at + 8, 16);
      const [fileOffset, fileSize] = [at + 40, at + 48].map((place) =>
        Number(view.getBigUint64(place, true)),
      );
      segments.set(name, { at, fileOffset: fileOffset ?? 0, fileSize: fileSize ?? 0 });
    }
    if (command === commands.codeSignature)
      signature = { at, offset: view.getUint32(at + 8, true), size: view.getUint32(at + 12, true) };
    at += view.getUint32(at + 4, true);
  }
  const text = segments.get("__TEXT");
  const linkEdit = segments.get("__LINKEDIT");
  if (!text || !linkEdit || !signature)
    throw new Error("Cannot read the Mach-O file: it lacks __TEXT, __LINKEDIT or a code signature");
  const end = signature.offset + signature.size;
  if (end !== bytes.length || end !== linkEdit.fileOffset + linkEdit.fileSize)
    throw new Error("Cannot read the Mach-O file: its signature does not end where the file ends");
  return { text, linkEdit, signature };
}

export type CodeDirectory = {
  readonly identifier: string;
  readonly flags: number;
  readonly hashName: "sha1" | "sha256" | "sha384";
  readonly hashSize: number;
  readonly pageSize: number;
  /** Bytes that are signed, from the file's first on. */
  readonly codeLimit: number;
  /** The offset of the hash of page 0. */
  readonly hashesAt: number;
  readonly pageCount: number;
};

/** Every CodeDirectory of the signature. @throws Error when there is none, or one that cannot be read */
export function readCodeDirectories(bytes: Uint8Array): readonly CodeDirectory[] {
  const { signature } = readMachO(bytes);
  const view = viewOf(bytes);
  if (view.getUint32(signature.offset) !== magics.superBlob)
    throw new Error("Cannot read the signature: it is not a SuperBlob");
  const slots = Array.from({ length: view.getUint32(signature.offset + 8) }, (_, index) => {
    const entry = signature.offset + 12 + index * 8;
    return { slot: view.getUint32(entry), at: signature.offset + view.getUint32(entry + 4) };
  });
  const found = slots.filter(({ slot }) => isCodeDirectorySlot(slot));
  if (found.length === 0) throw new Error("Cannot read the signature: it has no CodeDirectory");
  return found.map(({ at }) => readCodeDirectory(bytes, at));
}

function readCodeDirectory(bytes: Uint8Array, at: number): CodeDirectory {
  const view = viewOf(bytes);
  const hashName = hashNames[view.getUint8(at + 37)];
  if (view.getUint32(at) !== magics.codeDirectory || !hashName)
    throw new Error("Cannot read the signature: its CodeDirectory has an unknown type");
  return {
    identifier: readText(bytes, at + view.getUint32(at + 20)),
    flags: view.getUint32(at + 12),
    hashName,
    hashSize: view.getUint8(at + 36),
    pageSize: 2 ** view.getUint8(at + 39),
    codeLimit: view.getUint32(at + 32),
    hashesAt: at + view.getUint32(at + 16),
    pageCount: view.getUint32(at + 28),
  };
}

export type PageReport = {
  /** How many pages must be signed. */
  readonly pages: number;
  /** Pages whose hash is wrong or missing. */
  readonly bad: readonly number[];
};

/** Hashes every page in front of the signature, and compares with each of its CodeDirectories. */
export function checkPages(bytes: Uint8Array): PageReport {
  const { signature } = readMachO(bytes);
  const directories = readCodeDirectories(bytes);
  const pages = Math.max(...directories.map(({ pageSize }) => Math.ceil(signature.offset / pageSize)));
  const bad = new Set<number>();
  for (const { hashName, hashSize, pageSize, hashesAt, pageCount } of directories) {
    for (let page = 0; page * pageSize < signature.offset; page++) {
      const code = bytes.subarray(page * pageSize, Math.min((page + 1) * pageSize, signature.offset));
      const stated = bytes.subarray(hashesAt + page * hashSize, hashesAt + (page + 1) * hashSize);
      const actual = new Bun.CryptoHasher(hashName).update(code).digest().subarray(0, hashSize);
      if (page >= pageCount || !actual.equals(stated)) bad.add(page);
    }
  }
  return { pages, bad: [...bad].sort((a, b) => a - b) };
}

function readText(bytes: Uint8Array, at: number, atMost = Number.POSITIVE_INFINITY): string {
  const end = bytes.indexOf(0, at);
  return new TextDecoder().decode(bytes.subarray(at, Math.min(end === -1 ? bytes.length : end, at + atMost)));
}
