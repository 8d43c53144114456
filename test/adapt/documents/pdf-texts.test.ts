import { expect, test } from "bun:test";
import { createPdfTexts } from "../../../src/adapt/documents/pdf-texts.ts";
import type { PdfReading } from "../../../src/lib/read-pdf.ts";

const readingOf = (text: string): PdfReading => ({
  kind: "text",
  title: undefined,
  pageCount: 1,
  pages: [{ text, isPicture: false }],
});
const base64 = (text: string) => Buffer.from(text).toString("base64");

/** A reader that returns the file's own bytes as text, and counts its calls. */
function createFakeReader(answer: (text: string) => PdfReading = readingOf) {
  const read: string[] = [];
  let [atWork, maxAtWork] = [0, 0];
  return {
    read,
    maxAtWork: () => maxAtWork,
    async readFile(bytes: Uint8Array): Promise<PdfReading> {
      const text = Buffer.from(bytes).toString();
      read.push(text);
      atWork += 1;
      maxAtWork = Math.max(maxAtWork, atWork);
      await Bun.sleep(1);
      atWork -= 1;
      return answer(text);
    },
  };
}

test("the same file is read once, even when several requests ask at the same time", async () => {
  const reader = createFakeReader();
  const pdfs = createPdfTexts(reader);
  const readings = await Promise.all([pdfs.read(base64("a")), pdfs.read(base64("a"))]);
  expect(readings).toEqual([readingOf("a"), readingOf("a")]);
  expect(await pdfs.read(base64("a"))).toEqual(readingOf("a"));
  expect(reader.read).toEqual(["a"]);
});

test("the least recently used file is forgotten first", async () => {
  const reader = createFakeReader();
  const pdfs = createPdfTexts({ ...reader, maxKept: 2500 });
  for (const file of ["a", "b", "a", "c"]) await pdfs.read(base64(file));
  for (const file of ["a", "c", "b"]) await pdfs.read(base64(file));
  expect(reader.read).toEqual(["a", "b", "c", "b"]);
});

test("a broken file is remembered, a failure of the reader is not", async () => {
  const reader = createFakeReader((text) => ({ kind: text === "broken" ? "broken" : "failed" }));
  const pdfs = createPdfTexts(reader);
  for (const file of ["broken", "failed"]) {
    await pdfs.read(base64(file));
    await pdfs.read(base64(file));
  }
  expect(reader.read).toEqual(["broken", "failed", "failed"]);
});

test("two threads work at a time, other files wait", async () => {
  const reader = createFakeReader();
  const pdfs = createPdfTexts(reader);
  await Promise.all(["a", "b", "c", "d", "e"].map((file) => pdfs.read(base64(file))));
  expect(reader.maxAtWork()).toBe(2);
  expect(reader.read).toHaveLength(5);
});
