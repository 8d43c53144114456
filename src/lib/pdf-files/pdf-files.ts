/**
 * The character maps of Asian fonts, and the standard fonts. Without the maps, text in an Asian font that is not
 * embedded has no letters; without the fonts, text in a standard font without an encoding loses some of them.
 */
import { unpackFiles } from "./pack-files.ts";

let packed: Promise<ReadonlyMap<string, Uint8Array>> | undefined;

async function unpack(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { default: path } = await import("./pdf-files.zst", { with: { type: "file" } });
  return unpackFiles(await Bun.file(path).bytes());
}

/**
 * All files are unpacked when the first one is needed.
 * @throws Error when there is no such file
 */
async function readFile({ filename }: { readonly filename: string }): Promise<Uint8Array> {
  packed ??= unpack();
  const file = (await packed).get(filename);
  if (!file) throw new Error(`There is no file "${filename}"`);
  // A copy, because pdf.js clones what it gets together with all bytes around it.
  return file.slice();
}

/** Where pdf.js gets its files from. It wants a class. */
export class PdfFiles {
  readonly fetch = readFile;
}
