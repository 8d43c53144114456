/** Reads the width and height of an image from the first bytes of its file. */

export type ImageSize = { readonly width: number; readonly height: number };

/** Size in pixels of a PNG, JPEG, GIF or WebP; undefined for anything else, or if the data ends too early. */
export function readImageSize(bytes: Uint8Array): ImageSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const size = readPng(view) ?? readGif(view) ?? readWebp(view) ?? readJpeg(view);
    return size && size.width > 0 && size.height > 0 ? size : undefined;
  } catch (thrown) {
    // The data ended before the header did.
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

/** Source: PNG specification, 5.2 and 11.2.1. */
function readPng(view: DataView): ImageSize | undefined {
  if (view.getUint32(0) !== 0x89504e47) return undefined;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** Source: GIF89a specification, 17 and 18. */
function readGif(view: DataView): ImageSize | undefined {
  if (tag(view, 0) !== "GIF8") return undefined;
  return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

/** WebP has three variants: lossy, lossless and extended. Source: WebP container specification; RFC 6386, 9.1. */
function readWebp(view: DataView): ImageSize | undefined {
  if (tag(view, 0) !== "RIFF" || tag(view, 8) !== "WEBP") return undefined;
  switch (tag(view, 12)) {
    case "VP8 ":
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    case "VP8L": {
      const bits = view.getUint32(21, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    case "VP8X":
      return {
        width: 1 + (view.getUint32(24, true) & 0xffffff),
        height: 1 + (view.getUint32(26, true) >>> 8),
      };
    default:
      return undefined;
  }
}

/** Walks the segments to the frame header, past thumbnails and profiles. Source: ITU-T T.81, annex B. */
function readJpeg(view: DataView): ImageSize | undefined {
  if (view.getUint16(0) !== 0xffd8) return undefined;
  let at = 2;
  while (view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (isFrameHeader(marker)) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    // A marker may be padded with any number of 0xff.
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** SOF0 to SOF15, without the tables (DHT, JPG, DAC) that share their range. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function tag(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((offset) => view.getUint8(at + offset)));
}
