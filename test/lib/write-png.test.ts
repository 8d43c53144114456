import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Picture, writePng } from "../../src/lib/write-png.ts";
import { readPng } from "../support/read-png.ts";

const write = (picture: Picture, maxSide = 100) => readPng(writePng(picture, maxSide));

test("what is written is what there was, without transparency", () => {
  const side = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(
      side,
      side,
      fc.constantFrom("rgb", "rgba"),
      fc.infiniteStream(fc.nat(255)),
      (width, height, depth, bytes) => {
        const perPixel = depth === "rgb" ? 3 : 4;
        const data = Uint8Array.from(bytes.take(width * height * perPixel));
        const pixels = [...data].filter((_, at) => perPixel === 3 || at % 4 < 3);
        expect(write({ width, height, depth, data })).toEqual({ width, height, samples: 3, pixels });
      },
    ),
  );
});

test("a bit is black or white, and a row begins with a byte", () => {
  const data = Uint8Array.from([0xff, 0x80, 0x00, 0x00]);
  const { pixels, samples } = write({ width: 9, height: 2, depth: "bit", data });
  expect(samples).toBe(1);
  expect(pixels).toEqual([...Array<number>(9).fill(255), ...Array<number>(9).fill(0)]);
});

test("blocks of pixels are averaged, also the parts of blocks at the edges", () => {
  const data = Uint8Array.from([0, 0, 0, 90, 90, 90, 30, 30, 30]);
  expect(write({ width: 3, height: 1, depth: "rgb", data }, 2)).toEqual({
    width: 2,
    height: 1,
    samples: 3,
    pixels: [45, 45, 45, 30, 30, 30],
  });
});

test("missing pixels are black", () => {
  expect(write({ width: 2, height: 1, depth: "rgb", data: Uint8Array.from([9]) }).pixels).toEqual([
    9, 0, 0, 0, 0, 0,
  ]);
});
