import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readImageSize } from "../../src/lib/read-image-size.ts";

const bytes = (...parts: (string | readonly number[])[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === "string" ? [...Buffer.from(part, "latin1")] : part)),
  );

const padding = [0, 0, 0, 0];

const files = {
  PNG: bytes([0x89], "PNG\r\n\x1a\n", [0, 0, 0, 13], "IHDR", [0, 0, 4, 0], [0, 0, 3, 0]),
  GIF: bytes("GIF89a", [0x00, 0x04], [0x00, 0x03]),
  JPEG: bytes(
    [0xff, 0xd8],
    [0xff, 0xe0, 0, 4, 0xff, 0xc0],
    [0xff, 0xff, 0xc4, 0, 3, 9],
    [0xff, 0xc2, 0, 17, 8, 3, 0, 4, 0],
  ),
  "lossy WebP": bytes(
    "RIFF",
    padding,
    "WEBPVP8 ",
    padding,
    [0, 0, 0, 0x9d, 0x01, 0x2a],
    [0x00, 0x44, 0x00, 0x83],
  ),
  "lossless WebP": bytes("RIFF", padding, "WEBPVP8L", padding, [0x2f], [0xff, 0xc3, 0xbf, 0x00]),
  "extended WebP": bytes(
    "RIFF",
    padding,
    "WEBPVP8X",
    padding,
    padding,
    [0xff, 0x03, 0x00],
    [0xff, 0x02, 0x00],
  ),
};

describe("readImageSize", () => {
  for (const [name, file] of Object.entries(files)) {
    test(name, () => expect(readImageSize(file)).toEqual({ width: 1024, height: 768 }));

    test(`${name}, cut anywhere`, () => {
      for (let length = 0; length < file.length; length += 1) {
        expect(readImageSize(file.subarray(0, length))).toBeUndefined();
      }
    });
  }

  test("a size of zero is unknown", () => {
    expect(readImageSize(bytes("GIF89a", padding))).toBeUndefined();
  });

  test("any bytes, even after a valid start, are read without throwing", () => {
    const beginnings = fc.constantFrom(
      ...Object.values(files).map((file) => file.subarray(0, 16)),
      new Uint8Array(),
    );
    fc.assert(
      fc.property(beginnings, fc.uint8Array({ maxLength: 64 }), (beginning, rest) => {
        readImageSize(Buffer.concat([beginning, rest]));
      }),
    );
  });
});
