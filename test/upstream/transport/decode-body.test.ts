import { describe, expect, test } from "bun:test";
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { decodeBody } from "../../../src/upstream/transport/decode-body.ts";

function bodyOf(bytes: Uint8Array, pieceSize = 1000): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(new Uint8Array(bytes.subarray(at, at + pieceSize)));
      at += pieceSize;
    },
  });
}

const decode = (bytes: Uint8Array, encoding: string | null) =>
  new Response(decodeBody(bodyOf(bytes), encoding)).text();

/** Decodes until it fails; returns how many bytes came before that. */
async function decodeBomb(bytes: Uint8Array, encoding: string): Promise<{ size: number; failure: unknown }> {
  let size = 0;
  try {
    for await (const piece of decodeBody(bodyOf(bytes), encoding)) size += piece.length;
  } catch (failure) {
    return { size, failure };
  }
  return { size, failure: undefined };
}

const text = Array.from(
  { length: 20_000 },
  (_, i) => `data: {"delta":{"content":"word ${i * 7919} é"}}\n\n`,
).join("");
const encoders: [name: string, encode: (data: Buffer) => Uint8Array][] = [
  ["gzip", gzipSync],
  ["X-GZip", gzipSync],
  ["deflate", deflateSync],
  ["br", (data) => brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
  ["zstd", zstdCompressSync],
];

describe("an answer with an encoding that was not asked for", () => {
  for (const [name, encode] of encoders) {
    test(`as ${name} is decoded`, async () => {
      expect(await decode(encode(Buffer.from(text)), name)).toBe(text);
    });

    test(`as ${name} fails before it fills the memory`, async () => {
      const { size, failure } = await decodeBomb(encode(Buffer.alloc(64 * 1024 * 1024, " ")), name);
      expect(failure).toMatchObject({
        kind: "upstream",
        message: "Cannot read the backend's answer: it decodes to more than 100 times its size",
      });
      expect(size).toBeLessThan(4 * 1024 * 1024);
    });
  }

  test("and damaged fails in our words", async () => {
    await expect(decode(Buffer.from("no gzip"), "gzip")).rejects.toMatchObject({
      kind: "upstream",
      message: "Cannot read the backend's answer: it is not valid gzip",
    });
  });

  test("in a way that is not known, or in two, is refused", () => {
    for (const encoding of ["compress", "gzip, gzip"])
      expect(() => decodeBody(bodyOf(new Uint8Array(1)), encoding)).toThrow(
        `Cannot read the backend's answer: its encoding "${encoding}" is not supported`,
      );
  });
});

test("any other answer passes unchanged", async () => {
  for (const encoding of [null, "", "identity"]) {
    const body = bodyOf(Buffer.from("plain"));
    expect(decodeBody(body, encoding)).toBe(body);
  }
});
