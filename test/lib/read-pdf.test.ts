import { describe, expect, test } from "bun:test";
import { type PdfReading, readPdf } from "../../src/lib/read-pdf.ts";
import { cutPdf, deflatePage, type PdfPage, writePdf } from "../support/write-pdf.ts";

const limits = { deadlineMs: 60_000, maxPages: 1000, maxCharacters: 1_000_000 };

const read = (pdf: Uint8Array, changes: Partial<typeof limits> = {}): Promise<PdfReading> =>
  readPdf(Uint8Array.from(pdf), { ...limits, ...changes });

const pages = (...texts: string[]) => texts.map((text) => ({ text, isPicture: false }));

test("each page gives its text by lines, and the document its title", async () => {
  const pdf = writePdf([["First (page)", "its \\ second line"], ["Last page"]], { title: "The plan" });
  expect(await read(pdf)).toEqual({
    kind: "text",
    title: "The plan",
    pageCount: 2,
    pages: pages("First (page)\nits \\ second line", "Last page"),
  });
});

test("a page that is an image says so", async () => {
  expect(await read(writePdf(["picture", ["Words"]]))).toEqual({
    kind: "text",
    title: undefined,
    pageCount: 2,
    pages: [{ text: "", isPicture: true }, ...pages("Words")],
  });
});

test("a password, damage and other files are errors", async () => {
  const pdf = writePdf([["Secret"]]);
  expect(await read(writePdf([["Secret"]], { encrypted: true }))).toEqual({ kind: "encrypted" });
  expect(await read(cutPdf(pdf))).toEqual({ kind: "broken" });
  expect(await read(Buffer.from("%PDF-1.4 but no more"))).toEqual({ kind: "broken" });
  expect(await read(Buffer.from(""))).toEqual({ kind: "broken" });
});

test("a missing cross-reference table is rebuilt", async () => {
  const pdf = writePdf([["Found again"]])
    .toString("latin1")
    .replace("xref", "????");
  expect(await read(Buffer.from(pdf, "latin1"))).toMatchObject({ pages: pages("Found again") });
});

test("two hundred pages stop at the limits", async () => {
  const pdf = writePdf(Array.from({ length: 200 }, (_, i) => [`This is page ${i + 1}`]));
  const whole = await read(pdf);
  expect(whole).toMatchObject({ kind: "text", pageCount: 200 });
  if (whole.kind !== "text") return;
  expect(whole.pages).toHaveLength(200);
  expect(whole.pages[199]?.text).toBe("This is page 200");
  expect(await read(pdf, { maxPages: 3 })).toMatchObject({ pageCount: 200, pages: { length: 3 } });
  const short = await read(pdf, { maxCharacters: 20 });
  expect(short).toMatchObject({ pageCount: 200, pages: pages("This is page 1", "This i") });
});

test("a reader that does not finish is stopped", async () => {
  const pdf = writePdf(Array.from({ length: 200 }, () => Array(50).fill("The same line again and again")));
  const reading = await read(pdf, { deadlineMs: 1 });
  expect(reading).toEqual({ kind: "slow" });
});

describe("a page that decodes to far more than it is", () => {
  const megabytes = (count: number) => Buffer.alloc(count * 1024 * 1024, " ");
  const runs = new Uint8Array(2 * 1024 * 1024).map((_, i) => (i % 2 === 0 ? 129 : 32));
  const rows: [name: string, page: PdfPage][] = [
    ["deflated", deflatePage(megabytes(64), 1)],
    ["deflated twice", deflatePage(megabytes(64), 2)],
    [
      "in runs of one byte",
      { filters: ["FlateDecode", "RunLengthDecode"], bytes: deflatePage(runs, 1).bytes },
    ],
    [
      "in hexadecimal",
      {
        filters: ["FlateDecode", "ASCIIHexDecode"],
        bytes: deflatePage(Buffer.alloc(128 << 20, "20"), 1).bytes,
      },
    ],
  ];
  for (const [name, page] of rows) {
    test(`${name}, ends the reader at once`, async () => {
      const pdf = writePdf([page]);
      expect(pdf.length).toBeLessThan(200_000);
      expect(await read(pdf)).toEqual({ kind: "huge" });
    });
  }

  test("leaves the pages before it", async () => {
    const pdf = writePdf([["The first page"], deflatePage(megabytes(64), 2)]);
    expect(await read(pdf)).toMatchObject({ kind: "text", pageCount: 2, pages: pages("The first page") });
  });

  test("may be as large as a few megabytes", async () => {
    const text = Buffer.concat([megabytes(8), Buffer.from("BT /F 12 Tf (Hello) Tj ET")]);
    for (const times of [1, 2])
      expect(await read(writePdf([deflatePage(text, times)]))).toMatchObject({ pages: pages("Hello") });
  });
});
