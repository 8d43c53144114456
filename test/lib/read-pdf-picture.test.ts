import { describe, expect, test } from "bun:test";
import { deflateSync } from "node:zlib";
import { readImageSize } from "../../src/lib/read-image-size.ts";
import { readPdfPictures } from "../../src/lib/read-pdf.ts";
import { readPng } from "../support/read-png.ts";
import { writePdf } from "../support/write-pdf.ts";

const readAll = (pdf: Uint8Array, pages: readonly number[] = [1]) =>
  readPdfPictures(Uint8Array.from(pdf), pages, 60_000);

/** The pixels of the page that shows this image. */
async function show(entries: string, bytes: Uint8Array) {
  const png = (await readAll(writePdf(["picture"], { image: { entries, bytes } }))).get(1);
  return png && readPng(png);
}

/** 26 by 33 pixels: a page with two lines. */
const jpeg = Buffer.from(
  "/9j/4AAQSkZJRgABAQEAAwADAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/2wBDAQkJCQwLDBgNDRgyIRwhMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjL/wAARCAAhABoDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD3x0ZmyJXUegA/qKf2oooAKKKKACiiigAooooAKKKKACiiigD/2Q==",
  "base64",
);

describe("a scanned page is read", () => {
  test("in gray, deflated", async () => {
    const bytes = deflateSync(Buffer.from([0, 255, 128, 255]));
    const image = "/Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode";
    expect(await show(image, bytes)).toEqual({
      width: 2,
      height: 2,
      samples: 3,
      pixels: [0, 0, 0, 255, 255, 255, 128, 128, 128, 255, 255, 255],
    });
  });

  test("in black and white, also as a mask", async () => {
    const pixels = [255, 0, 255, 0, 0, 255, 0, 255];
    const bytes = Buffer.from([0b10100000, 0b01010000]);
    for (const image of [
      "/ColorSpace /DeviceGray /BitsPerComponent 1",
      "/ImageMask true /BitsPerComponent 1",
    ])
      expect(await show(`/Width 4 /Height 2 ${image}`, bytes)).toEqual({
        width: 4,
        height: 2,
        samples: 1,
        pixels,
      });
  });

  test("as a JPEG", async () => {
    const image = "/Width 26 /Height 33 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode";
    expect(await show(image, jpeg)).toMatchObject({ width: 26, height: 33 });
  });

  test("smaller if it is too large", async () => {
    const bytes = deflateSync(Buffer.alloc(625 * 2600, 0xff));
    const image = "/Width 5000 /Height 2600 /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /FlateDecode";
    const png = (await readAll(writePdf(["picture"], { image: { entries: image, bytes } }))).get(1);
    expect(png && readImageSize(png)).toEqual({ width: 1667, height: 867 });
  });
});

test("what is no picture, or cannot be decoded, is left out", async () => {
  const broken = {
    entries: "/Width 9 /Height 9 /ColorSpace /DeviceRGB /Filter /DCTDecode",
    bytes: Buffer.from("no"),
  };
  expect([...(await readAll(writePdf([["Words"], "picture"], { image: broken }), [1, 2, 7])).keys()]).toEqual(
    [],
  );
  expect((await readAll(Buffer.from("no PDF"))).size).toBe(0);
});
