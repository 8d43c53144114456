import { afterAll, expect, test } from "bun:test";
import { limitBuffers } from "../../src/lib/limit-buffers.ts";

const own = { Uint8Array, DecompressionStream };
let breaches = 0;
limitBuffers(1000, () => {
  breaches += 1;
});
const limited = { Uint8Array, DecompressionStream };
Object.assign(globalThis, own);
afterAll(() => void Object.assign(globalThis, own));

test("a buffer within the bound is one of the usual kind", () => {
  const bytes = new limited.Uint8Array(1000);
  expect(bytes).toBeInstanceOf(own.Uint8Array);
  expect([...new limited.Uint8Array([1, 2]), ...limited.Uint8Array.of(3)]).toEqual([1, 2, 3]);
  expect(breaches).toBe(0);
});

test("a larger one is refused, and reported", () => {
  expect(() => new limited.Uint8Array(1001)).toThrow("A buffer may have at most 1000 bytes");
  expect(breaches).toBe(1);
});

test("so is more than that from a DecompressionStream", async () => {
  const inflate = async (size: number) => {
    const deflated = new Blob([Bun.deflateSync(Buffer.alloc(size))]);
    const stream = deflated.stream().pipeThrough(new limited.DecompressionStream("deflate-raw"));
    return (await new Response(stream).arrayBuffer()).byteLength;
  };
  expect(await inflate(1000)).toBe(1000);
  await expect(inflate(100_000)).rejects.toThrow("A buffer may have at most 1000 bytes");
  expect(breaches).toBe(2);
});
