import { describe, expect, test } from "bun:test";
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
  const readings = await Promise.all([pdfs.read(base64("a"), "client"), pdfs.read(base64("a"), "client")]);
  expect(readings).toEqual([readingOf("a"), readingOf("a")]);
  expect(await pdfs.read(base64("a"), "client")).toEqual(readingOf("a"));
  expect(reader.read).toEqual(["a"]);
});

test("the least recently used file is forgotten first", async () => {
  const reader = createFakeReader();
  const pdfs = createPdfTexts({ ...reader, maxKept: 2500 });
  for (const file of ["a", "b", "a", "c"]) await pdfs.read(base64(file), "client");
  for (const file of ["a", "c", "b"]) await pdfs.read(base64(file), "client");
  expect(reader.read).toEqual(["a", "b", "c", "b"]);
});

test("a broken file is remembered, a failure of the reader is not", async () => {
  const reader = createFakeReader((text) => ({ kind: text === "broken" ? "broken" : "failed" }));
  const pdfs = createPdfTexts(reader);
  for (const file of ["broken", "failed"]) {
    await pdfs.read(base64(file), "client");
    await pdfs.read(base64(file), "client");
  }
  expect(reader.read).toEqual(["broken", "failed", "failed"]);
});

test("one client has two threads at a time, all together three", async () => {
  const [alone, many] = [createFakeReader(), createFakeReader()];
  const files = ["a", "b", "c", "d", "e", "f"];
  const [pdfs, others] = [createPdfTexts(alone), createPdfTexts(many)];
  await Promise.all(files.map((file) => pdfs.read(base64(file), "client")));
  await Promise.all(files.map((file) => others.read(base64(file), file)));
  expect([alone.maxAtWork(), many.maxAtWork()]).toEqual([2, 3]);
  expect(alone.read).toEqual(files);
});

describe("slow files of one client", () => {
  function open(slowAfterMs: number) {
    const slow = Promise.withResolvers<void>();
    const readFile = async (bytes: Uint8Array): Promise<PdfReading> => {
      const text = Buffer.from(bytes).toString();
      if (text.startsWith("slow")) await slow.promise;
      return readingOf(text);
    };
    const pdfs = createPdfTexts({ readFile, slowAfterMs });
    const all = ["slow 1", "slow 2", "slow 3", "shared"].map((file) => pdfs.read(base64(file), "a"));
    const end = async () => {
      slow.resolve();
      expect(await Promise.all(all)).toHaveLength(4);
    };
    return { pdfs, end };
  }

  test("hold up nobody else, not even who wants one of them", async () => {
    const { pdfs, end } = open(60_000);
    expect(await pdfs.read(base64("small"), "b")).toEqual(readingOf("small"));
    expect(await pdfs.read(base64("shared"), "b")).toEqual(readingOf("shared"));
    await end();
  });

  test("hold up its own small ones only for a while", async () => {
    const { pdfs, end } = open(1);
    expect(await pdfs.read(base64("own"), "a")).toEqual(readingOf("own"));
    await end();
  });
});
