import { describe, expect, test } from "bun:test";
import {
  adaptDocuments,
  type DocumentRoom,
  describePdf,
} from "../../../src/adapt/documents/adapt-documents.ts";
import { messagesRequest } from "../../../src/anthropic/wire.ts";
import type { PdfReading } from "../../../src/lib/read-pdf.ts";
import { ask } from "../../support/proxy.ts";

const pagesOf = (...pages: string[]) => pages.map((text) => ({ text, isPicture: false }));
const textOf = (...pages: string[]): PdfReading => ({
  kind: "text",
  title: undefined,
  pageCount: pages.length,
  pages: pagesOf(...pages),
});

const file = (media_type: string, content: string, more: object = {}) => ({
  type: "document",
  source: { type: "base64", media_type, data: Buffer.from(content).toString("base64") },
  ...more,
});
const pdf = (content: string, more: object = {}) => file("application/pdf", `%PDF-${content}`, more);

/** The blocks of one user message after adapting, and what was logged. PDFs contain the text after their marker. */
async function adapt(content: object[], changes: Partial<DocumentRoom> = {}) {
  const request = messagesRequest.parse(ask({ messages: [{ role: "user", content }] }));
  const notes: string[] = [];
  const read = async (base64: string) =>
    textOf(Buffer.from(base64, "base64").toString().slice("%PDF-".length));
  const adapted = await adaptDocuments(request, {
    pdfs: { read },
    client: "client",
    takesPdfs: false,
    contextWindow: undefined,
    note: (words) => notes.push(words),
    ...changes,
  });
  return { blocks: adapted.messages[0]?.content, notes, isSame: adapted === request };
}

const words = (text: string) => expect.stringContaining(text);

describe("adaptDocuments", () => {
  test("replaces a PDF by its text in place, in tool results and beside them", async () => {
    const { blocks, notes } = await adapt([
      { type: "tool_result", tool_use_id: "t", content: [{ type: "text", text: "read" }, pdf("inner")] },
      { type: "text", text: "between" },
      pdf("outer", { title: "Plan", context: "of the house" }),
    ]);
    expect(blocks).toMatchObject([
      {
        type: "tool_result",
        content: [
          { type: "text" },
          { type: "document", source: { type: "text", data: words("[Page 1]\ninner") } },
        ],
      },
      { type: "text", text: "between" },
      { title: "Plan", context: "of the house", source: { type: "text", data: words("[Page 1]\nouter") } },
    ]);
    expect(notes).toEqual([]);
  });

  test("changes nothing where the backend takes PDFs, or where there are none", async () => {
    const attached = [pdf("a"), { type: "document", source: { type: "text", data: "b" } }];
    expect(await adapt(attached, { takesPdfs: true })).toMatchObject({ isSame: true });
    expect(await adapt([{ type: "text", text: "Hello" }])).toMatchObject({ isSame: true });
  });

  test("recognizes a PDF by its bytes when the client gives no type", async () => {
    const { blocks } = await adapt([file("application/octet-stream", "%PDF-1.4")]);
    expect(blocks).toMatchObject([{ source: { type: "text", data: words("[PDF, 1 page.") } }]);
  });

  for (const takesPdfs of [false, true]) {
    test(`decodes text files and names other files (${takesPdfs ? "PDFs taken" : "PDFs read"})`, async () => {
      const { blocks, notes } = await adapt(
        [
          file("text/plain; charset=utf-8", "Grüße"),
          file("application/json", "{}"),
          file("application/zip", "PK"),
        ],
        { takesPdfs },
      );
      expect(blocks).toMatchObject([
        { source: { type: "text", data: "Grüße" } },
        { source: { type: "text", data: "{}" } },
        { source: { type: "text", data: words("application/zip, cannot be read") } },
      ]);
      expect(notes).toEqual(["left out a file of the type application/zip"]);
    });
  }

  test("logs two losses of the same kind once", async () => {
    const pdfs = { read: async () => ({ kind: "broken" }) as const };
    const { notes } = await adapt([pdf("a"), pdf("b")], { pdfs });
    expect(notes).toEqual(["left out a damaged PDF"]);
  });

  test("uses the file's own title where the client gave none, and keeps it inside its quotes", async () => {
    const reading = { ...textOf("a"), title: 'A "title"\n<script>' };
    const pdfs = { read: async () => reading };
    const { blocks } = await adapt([pdf("a"), pdf("b", { title: "Given" })], { pdfs });
    expect(blocks).toMatchObject([{ title: "A title script " }, { title: "Given" }]);
  });

  test("lets one PDF fill at most half of the window", async () => {
    const long = "x".repeat(10_000);
    const { blocks, notes } = await adapt([pdf(long)], { contextWindow: 2000 });
    const [block] = blocks ?? [];
    const data = block?.type === "document" && block.source.type === "text" ? block.source.data : "";
    expect(data.match(/x{2,}/)?.[0]).toHaveLength(3000);
    expect(notes).toHaveLength(1);
  });
});

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
      "[Page 1: an image, and this text beside it]\nA cover\n\n[Page 2: an image, no text]\n\n[Page 3]\nWords\n\n" +
        "[2 pages are images, probably scans, and only text can be read here. Tell the user",
    );
    expect(losses).toEqual(["left out pages of a PDF that are images, probably scanned"]);
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
