import { describe, expect, test } from "bun:test";
import { describePdf } from "../../../src/adapt/documents/describe-pdf.ts";
import type { PdfReading } from "../../../src/lib/read-pdf.ts";

const pagesOf = (...pages: string[]) => pages.map((text) => ({ text, isPicture: false }));
const textOf = (...pages: string[]): PdfReading => ({
  kind: "text",
  title: undefined,
  pageCount: pages.length,
  pages: pagesOf(...pages),
});
const words = (text: string) => expect.stringContaining(text);

describe("describePdf", () => {
  test("numbers the pages and says which have no text", () => {
    expect(describePdf(textOf("one", "", "three"), 1000)).toEqual({
      text:
        "[PDF, 3 pages. This is its text; images are not included.]\n\n" +
        "[Page 1]\none\n\n[Page 2: no text]\n\n[Page 3]\nthree",
      losses: [],
    });
  });

  test("says of a page that is an image what little text it has, and that the rest is missing", () => {
    const pages = [{ text: "A cover", isPicture: true }, { text: "", isPicture: true }, ...pagesOf("Words")];
    const { text, losses } = describePdf({ kind: "text", title: undefined, pageCount: 3, pages }, 1000);
    expect(text).toContain(
      "[Page 1: mostly an image, which cannot be read, and these words]\nA cover\n\n[Page 2: an image, no text]\n\n[Page 3]\nWords\n\n" +
        "[2 pages are mostly images, perhaps scanned, and only text can be read here. Tell the user",
    );
    expect(losses).toEqual(["left out pages of a PDF that are mostly images, perhaps scanned"]);
  });

  test("ends a text that is too long at a page and says so", () => {
    const { text, losses } = describePdf(textOf("a".repeat(60), "b".repeat(60), "c"), 100);
    expect(text).toContain("[Page 1]");
    expect(text).not.toContain("[Page 2]");
    expect(text).toEndWith(
      "[What follows page 1 of 3 was left out: this is as much as can be read at once. Tell the user.]",
    );
    expect(losses).toEqual(["left out what follows page 1 of 3 of a PDF"]);
  });

  test("cuts a first page that is too long", () => {
    const { text, losses } = describePdf(textOf("a".repeat(150), "b"), 100);
    expect(text.match(/a{2,}/)?.[0]).toHaveLength(100);
    expect(text).toContain("The rest of page 1 of 2 and all that follows was left out");
    expect(losses).toEqual([words("page 1 of 2")]);
  });

  test("says which pages were not read in time", () => {
    const { text } = describePdf(
      { kind: "text", title: undefined, pageCount: 9, pages: pagesOf("a", "b") },
      100,
    );
    expect(text).toContain("What follows page 2 of 9 was left out");
  });

  const rows: [PdfReading, inText: string, loss: string][] = [
    [{ kind: "encrypted" }, "protected by a password", "left out a PDF that is protected by a password"],
    [{ kind: "broken" }, "damaged", "left out a damaged PDF"],
    [{ kind: "slow" }, "took too long", "left out a PDF that took too long to read"],
    [{ kind: "failed" }, "reader failed", "left out a PDF because the PDF reader failed"],
    [textOf("", ""), "2 pages and no text", "left out a PDF without text, probably scanned"],
    [
      { kind: "text", title: undefined, pageCount: 4, pages: [] },
      "took too long",
      "left out a PDF that took too long to read",
    ],
  ];
  test.each(rows)("reports %j to the model and in the log", (reading, inText, loss) => {
    const told = describePdf(reading, 1000);
    expect(told.text).toContain(inText);
    expect(told.text).toContain("Tell the user");
    expect(told.losses).toEqual([loss]);
  });
});
