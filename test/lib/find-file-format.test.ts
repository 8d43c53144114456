import { expect, test } from "bun:test";
import { findFileFormat } from "../../src/lib/find-file-format.ts";

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string, "latin1"))).toString("base64");

test.each([
  ["PNG", "image/png", bytes([0x89], "PNG\r\n", [0x1a, 10])],
  ["JPEG", "image/jpeg", bytes([0xff, 0xd8, 0xff, 0xe0])],
  ["GIF", "image/gif", bytes("GIF89a")],
  ["WebP", "image/webp", bytes("RIFF", [1, 2, 3, 4], "WEBPVP8 ")],
  ["BMP", undefined, bytes("BM", [70, 0, 0, 0, 0, 0, 0, 0, 54, 0])],
  ["TIFF", undefined, bytes("II*", [0, 8, 0, 0, 0])],
  ["TIFF", undefined, bytes("MM", [0], "*", [0, 0, 0, 8])],
  ["ICO", undefined, bytes([0, 0, 1, 0, 1, 0, 16, 16])],
  ["AVIF", undefined, bytes([0, 0, 0, 32], "ftypavif")],
  ["HEIC", undefined, bytes([0, 0, 0, 24], "ftypheic")],
  ["HEIC", undefined, bytes([0, 0, 0, 24], "ftypmif1")],
  ["MP4", undefined, bytes([0, 0, 0, 24], "ftypisom")],
  ["JPEG XL", undefined, bytes([0xff, 0x0a])],
  ["PDF", undefined, bytes("%PDF-1.7")],
  ["gzip", undefined, bytes([0x1f, 0x8b, 8])],
  [
    "SVG",
    undefined,
    bytes('<?xml version="1.0"?>\n<!-- made by hand -->\n<svg xmlns="http://www.w3.org/2000/svg">'),
  ],
  ["SVG", undefined, bytes("\n<SVG>")],
  ["HTML", undefined, bytes("<!DOCTYPE html><html><title>404</title>")],
  ["HTML", undefined, bytes("<html lang=en>")],
  ["XML", undefined, bytes('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>')],
  ["JSON", undefined, bytes('{"error":"not found"}')],
])("%s, %s", (name, imageType, base64) => {
  expect<object | undefined>(findFileFormat(base64)).toEqual({ name, ...(imageType && { imageType }) });
});

test("anything else is unknown", () => {
  expect(findFileFormat("")).toBeUndefined();
  expect(findFileFormat("!!!")).toBeUndefined();
  expect(findFileFormat(bytes("BMW is a car"))).toBeUndefined();
  expect(findFileFormat(bytes("Hello"))).toBeUndefined();
});
