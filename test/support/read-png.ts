/** Reads a PNG of the kind that we write: eight bits a sample, without filters. Throws for all others. */
import { inflateSync } from "node:zlib";

type PngPixels = {
  readonly width: number;
  readonly height: number;
  /** 1 for gray, 3 for red, green and blue. */
  readonly samples: 1 | 3;
  readonly pixels: readonly number[];
};

export function readPng(png: Uint8Array): PngPixels {
  const bytes = Buffer.from(png);
  if (bytes.toString("latin1", 0, 8) !== "\x89PNG\r\n\x1a\n") throw new Error("Not a PNG");
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const body = bytes.subarray(at + 4, at + 8 + length);
    if (bytes.readUInt32BE(at + 8 + length) !== Bun.hash.crc32(body)) throw new Error("A wrong checksum");
    chunks.set(body.toString("latin1", 0, 4), body.subarray(4));
    at += length + 12;
  }
  const head = chunks.get("IHDR");
  const data = chunks.get("IDAT");
  if (!head || !data || !chunks.has("IEND")) throw new Error("A missing chunk");
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const samples = head[9] === 0 ? 1 : 3;
  if (head[8] !== 8 || (samples === 3 && head[9] !== 2)) throw new Error("Another kind of pixels");
  const rows = inflateSync(data);
  const length = 1 + width * samples;
  if (rows.length !== height * length) throw new Error("Another number of pixels");
  const pixels = Array.from({ length: height }, (_, y) => {
    if (rows[y * length] !== 0) throw new Error("A filter");
    return [...rows.subarray(y * length + 1, (y + 1) * length)];
  });
  return { width, height, samples, pixels: pixels.flat() };
}
