import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { checkPages, readCodeDirectories, readMachO } from "../../scripts/shipping/mach-o.ts";
import { signAdHoc } from "../../scripts/shipping/sign-ad-hoc.ts";

const textSize = 0x2000;
/** The code ends in the middle of a page. */
const signatureAt = textSize + 0x1230;
const signatureSize = 64;

/** A program of three pages and a bit, whose signature is yet empty. */
function makeProgram(): Uint8Array {
  const bytes = new Uint8Array(signatureAt + signatureSize).map((_, index) => (index * 31) >> 3);
  const view = new DataView(bytes.buffer);
  const words = (at: number, ...values: number[]) => {
    for (const [index, value] of values.entries()) view.setUint32(at + index * 4, value, true);
  };
  const segment = (at: number, name: string, offset: number, size: number) => {
    words(at, 0x19, 72);
    bytes.set(new TextEncoder().encode(name.padEnd(16, "\0")), at + 8);
    for (const [index, value] of [offset, size, offset, size].entries())
      view.setBigUint64(at + 24 + index * 8, BigInt(value), true);
  };
  words(0, 0xfeedfacf, 0x0100000c, 0, 2, 3, 160, 0, 0);
  segment(32, "__TEXT", 0, textSize);
  segment(104, "__LINKEDIT", textSize, bytes.length - textSize);
  words(176, 0x1d, 16, signatureAt, signatureSize);
  return bytes;
}

describe("signing", () => {
  const signed = signAdHoc(makeProgram(), "some-program");

  test("hashes every page before the signature", () => {
    expect(checkPages(signed)).toEqual({ pages: 4, bad: [] });
    const [directory] = readCodeDirectories(signed);
    expect(directory).toMatchObject({
      identifier: "some-program",
      flags: 0x20002,
      hashName: "sha256",
      pageSize: 4096,
      codeLimit: signatureAt,
      pageCount: 4,
    });
    const last = createHash("sha256").update(signed.subarray(0x3000, signatureAt)).digest();
    const at = (directory?.hashesAt ?? 0) + 3 * 32;
    expect(last.equals(signed.subarray(at, at + 32))).toBe(true);
  });

  test("the load commands state where it ends", () => {
    const { linkEdit, signature } = readMachO(signed);
    expect(signature.offset + signature.size).toBe(signed.length);
    expect(linkEdit.fileOffset + linkEdit.fileSize).toBe(signed.length);
    expect(new DataView(signed.buffer).getBigUint64(linkEdit.at + 32, true)).toBe(0x4000n);
  });

  test("a signed program can be signed again, and its code stays unchanged", () => {
    expect(signAdHoc(signed, "some-program")).toEqual(signed);
    const renamed = signAdHoc(signed, "another-program");
    expect(checkPages(renamed).bad).toEqual([]);
    expect(renamed.subarray(192, signatureAt)).toEqual(makeProgram().subarray(192, signatureAt));
  });
});

describe("checking", () => {
  test.each([0, 1, 2, 3])("a changed byte makes page %d bad", (page) => {
    const changed = signAdHoc(makeProgram(), "some-program");
    const at = page === 0 ? 0xfff : page * 0x1000;
    changed.fill((changed[at] ?? 0) ^ 1, at, at + 1);
    expect(checkPages(changed).bad).toEqual([page]);
  });

  test("pages without a hash are bad", () => {
    const signed = signAdHoc(makeProgram(), "some-program");
    const { signature } = readMachO(signed);
    // The number of pages, from the CodeDirectory after the SuperBlob.
    new DataView(signed.buffer).setUint32(signature.offset + 20 + 28, 2);
    expect(checkPages(signed)).toEqual({ pages: 4, bad: [2, 3] });
  });

  test.each([
    ["another file", new TextEncoder().encode("#!/bin/sh\nexit 0\n".repeat(9)), "not a 64-bit program"],
    ["a truncated file", makeProgram().subarray(0, -1), "does not end where the file ends"],
    ["an empty signature", makeProgram(), "not a SuperBlob"],
  ])("%s is refused", (_, bytes, complaint) => {
    expect(() => checkPages(bytes)).toThrow(complaint);
  });
});
