import { expect, test } from "bun:test";
import { PdfFiles } from "../../../src/lib/pdf-files/pdf-files.ts";

const pdfjs = await Bun.file(Bun.resolveSync("unpdf/pdfjs", import.meta.dir)).text();

test("every file that pdf.js may ask for is there", async () => {
  const maps = /[\w.-]+\.UniJIS-UTF16-H\.[\w.-]+/.exec(pdfjs)?.[0].split(".") ?? [];
  const fonts = [...pdfjs.matchAll(/`([\w-]+\.(?:pfb|ttf))`/g)].map(([, name = ""]) => name);
  expect(maps.length).toBeGreaterThan(100);
  expect(fonts.length).toBeGreaterThan(10);
  const files = new PdfFiles();
  for (const filename of new Set([...maps.map((name) => `${name}.bcmap`), ...fonts]))
    expect((await files.fetch({ filename })).length, filename).toBeGreaterThan(0);
});

test("any other file is an error", async () => {
  expect(new PdfFiles().fetch({ filename: "Klingon-H.bcmap" })).rejects.toThrow("Klingon-H.bcmap");
});
