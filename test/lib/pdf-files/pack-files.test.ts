import { expect, test } from "bun:test";
import { packFiles, unpackFiles } from "../../../src/lib/pdf-files/pack-files.ts";

test("what is packed is unpacked again", () => {
  const files = new Map(
    Object.entries({ "a-H.bcmap": [10, 44, 58], empty: [], "B.ttf": [255] }).map(([name, bytes]) => [
      name,
      Uint8Array.from(bytes),
    ]),
  );
  const packed = Uint8Array.from(packFiles(files));
  const unpacked = [...unpackFiles(packed)].map(([name, bytes]) => [name, Uint8Array.from(bytes)]);
  expect(unpacked).toEqual([...files]);
});

test("bytes that are no pack are an error", () => {
  expect(() => unpackFiles(Uint8Array.from([1, 2, 3]))).toThrow();
});
