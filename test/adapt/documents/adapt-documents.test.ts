import { describe, expect, test } from "bun:test";
import { adaptDocuments, type DocumentRoom } from "../../../src/adapt/documents/adapt-documents.ts";
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

  test("recognizes a PDF by its bytes when the client gives no type, and by the type's other name", async () => {
    const read = { source: { type: "text", data: words("[PDF, 1 page.") } };
    const { blocks } = await adapt([
      file("application/octet-stream", "%PDF-1.4"),
      file("application/x-pdf", "\n%PDF-1.4"),
    ]);
    expect(blocks).toMatchObject([read, read]);
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

  for (const takesPdfs of [false, true]) {
    test(`reads what a server fetched (${takesPdfs ? "PDFs taken" : "PDFs read"})`, async () => {
      const result = (page: object) => ({
        type: "web_fetch_tool_result",
        tool_use_id: "srvtoolu_1",
        content: { type: "web_fetch_result", url: "https://example.com/a.pdf", content: page },
      });
      const { blocks } = await adapt([result(pdf("inner", { title: "Plan" }))], { takesPdfs });
      expect(blocks).toMatchObject([
        result({ type: "document", title: "Plan", source: { type: "text", data: words("[Page 1]\ninner") } }),
      ]);
      const text = { type: "document", source: { type: "text", media_type: "text/plain", data: "Hello" } };
      for (const page of [text, { type: "odd" }])
        expect(await adapt([result(page)], { takesPdfs })).toMatchObject({ isSame: true });
    });
  }

  test("logs two losses of the same kind once", async () => {
    const pdfs = { read: async () => ({ kind: "broken" }) as const };
    const { notes } = await adapt([pdf("a"), pdf("b")], { pdfs });
    expect(notes).toEqual(["left out a damaged PDF"]);
  });

  test("uses the file's own title where the client gave none, and keeps it inside its quotes", async () => {
    const reading = { ...textOf("a"), title: 'A "title"\n\0<script>' };
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
