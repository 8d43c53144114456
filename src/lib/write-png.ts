/** Writes pixels as a PNG, made smaller if they are too many. Source: the PNG specification, third edition. */
import { deflateSync } from "node:zlib";

export type Picture = {
  readonly width: number;
  readonly height: number;
  /** `bit`: one bit a pixel, 0 is black, and each row begins with a byte. */
  readonly depth: "bit" | "rgb" | "rgba";
  readonly data: Uint8Array;
};

/** @param maxSide pixels of the longer side of the result; blocks of pixels are averaged */
export function writePng(picture: Picture, maxSide: number): Uint8Array {
  const scale = Math.max(1, Math.ceil(Math.max(picture.width, picture.height) / maxSide));
  const [width, height] = [Math.ceil(picture.width / scale), Math.ceil(picture.height / scale)];
  const samples = picture.depth === "bit" ? 1 : 3;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // Eight bits a sample, gray or red, green and blue.
  head.set([8, samples === 1 ? 0 : 2, 0, 0, 0], 8);
  return Buffer.concat([
    signature,
    writeChunk("IHDR", head),
    writeChunk("IDAT", deflateSync(writeRows(picture, { scale, width, height, samples }))),
    writeChunk("IEND", Buffer.alloc(0)),
  ]);
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function writeChunk(type: string, data: Uint8Array): Uint8Array {
  const chunk = Buffer.alloc(data.length + 12);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, "latin1");
  chunk.set(data, 8);
  chunk.writeUInt32BE(Bun.hash.crc32(chunk.subarray(4, data.length + 8)), data.length + 8);
  return chunk;
}

type Size = {
  readonly scale: number;
  readonly width: number;
  readonly height: number;
  readonly samples: number;
};

/** Each row begins with the number of its filter, here none. */
function writeRows(picture: Picture, { scale, width, height, samples }: Size): Uint8Array {
  const rows = Buffer.alloc(height * (1 + width * samples));
  const sampleAt = createSampler(picture);
  let at = 0;
  for (let y = 0; y < height; y += 1) {
    at += 1;
    const rowEnd = Math.min(picture.height, (y + 1) * scale);
    for (let x = 0; x < width; x += 1) {
      const end = Math.min(picture.width, (x + 1) * scale);
      for (let sample = 0; sample < samples; sample += 1) {
        let sum = 0;
        for (let row = y * scale; row < rowEnd; row += 1)
          for (let column = x * scale; column < end; column += 1) sum += sampleAt(column, row, sample);
        rows[at] = Math.round(sum / ((rowEnd - y * scale) * (end - x * scale)));
        at += 1;
      }
    }
  }
  return rows;
}

/** What is missing at the end is black. */
function createSampler({ width, depth, data }: Picture): (x: number, y: number, sample: number) => number {
  if (depth === "bit") {
    const stride = Math.ceil(width / 8);
    return (x, y) => ((data[y * stride + (x >> 3)] ?? 0) & (0x80 >> (x & 7)) ? 255 : 0);
  }
  const bytes = depth === "rgb" ? 3 : 4;
  return (x, y, sample) => data[(y * width + x) * bytes + sample] ?? 0;
}
