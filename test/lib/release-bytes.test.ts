import { expect, test } from "bun:test";
import { releaseBytes } from "../../src/lib/release-bytes.ts";

const size = 32 * 1024;

test("bytes that have a buffer of their own are gone", () => {
  const bytes = new Uint8Array(size).fill(1);
  releaseBytes(bytes);
  expect(bytes.length).toBe(0);
  expect(bytes.buffer.byteLength).toBe(0);
});

test("a buffer in which others have a part stays", () => {
  const bytes = new Uint8Array(2 * size).fill(1);
  releaseBytes(bytes.subarray(0, size));
  releaseBytes(bytes.subarray(size));
  expect(bytes.every((byte) => byte === 1)).toBe(true);
  const shared = new Uint8Array(new SharedArrayBuffer(size));
  releaseBytes(shared);
  expect(shared.length).toBe(size);
});
