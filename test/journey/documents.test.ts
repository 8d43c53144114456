/** PDFs on their way through the real server: as text or as files, inside tool results and next to them. */
import { afterEach, describe, expect, test } from "bun:test";
import { z } from "zod";
import type { BackendName } from "../../src/catalog/backends/known-backends.ts";
import { type FakeReply, json, type Script, status, text } from "../support/fake-upstream.ts";
import { ask, startProxy, type TestProxy } from "../support/proxy.ts";
import { cutPdf, writePdf } from "../support/write-pdf.ts";

let proxy: TestProxy;
afterEach(() => proxy.close());

const open = async (backend: BackendName, script: Script = text("Read."), models?: FakeReply) => {
  proxy = await startProxy(script, {
    config: { backend: { name: backend } },
    upstream: models ? { models } : {},
  });
};

const plan = writePdf([["Raise the roof"], ["Paint the door"]], { title: "House plan" });
const note = writePdf([["Buy nails"]]);

const document = (pdf: Buffer, more: object = {}) => ({
  type: "document",
  source: { type: "base64", media_type: "application/pdf", data: pdf.toString("base64") },
  ...more,
});
const fileOf = (pdf: Buffer, filename = "document.pdf") => ({
  type: "file",
  file: { filename, file_data: `data:application/pdf;base64,${pdf.toString("base64")}` },
});

/** One PDF inside a tool's result and one next to it, as the newer and the older clients send them. */
const bothPlaces = [
  { role: "user", content: "Read them" },
  { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "Read", input: {} }] },
  {
    role: "user",
    content: [
      {
        type: "tool_result",
        tool_use_id: "toolu_1",
        content: [{ type: "text", text: "PDF file read: plan.pdf" }, document(plan)],
      },
      document(note, { title: "note.pdf" }),
      { type: "text", text: "Go on" },
    ],
  },
];

const chat = z.object({ messages: z.array(z.object({ role: z.string(), content: z.unknown() })) });
const sent = (): { role: string; content?: unknown }[] =>
  chat.parse(proxy.upstream.lastChat().body).messages.slice(2);
const said = async (content: object[]): Promise<string> => {
  const response = await proxy.post(ask({ messages: [{ role: "user", content }] }));
  expect(response.status).toBe(200);
  return JSON.stringify(chat.parse(proxy.upstream.lastChat().body).messages[0]?.content);
};
/** Those about a message; a program also warns about the models when it starts. */
const warnings = () => proxy.log.filter((line) => line.includes("WARNING") && line.includes(" id=req_"));

describe("a backend without PDFs", () => {
  test("gets their text in place", async () => {
    await open("generic");
    expect((await proxy.post(ask({ messages: bothPlaces }))).status).toBe(200);
    const head = (pages: string) =>
      `[PDF, ${pages}. This is its text; images are not included.]\n\n[Page 1]\n`;
    expect(sent()).toEqual([
      {
        role: "tool",
        content:
          "PDF file read: plan.pdf\n" +
          `<document title="House plan">\n${head("2 pages")}Raise the roof\n\n[Page 2]\nPaint the door\n</document>`,
      },
      {
        role: "user",
        content: `<document title="note.pdf">\n${head("1 page")}Buy nails\n</document>\n\nGo on`,
      },
    ]);
    expect(warnings()).toEqual([]);
  });

  test("gets the same text in the next turn", async () => {
    await open("generic");
    const first = await said([document(plan)]);
    expect(await said([document(plan)])).toBe(first);
  });

  const unreadable: [string, Buffer, toModel: string, toLog: string][] = [
    [
      "a PDF with a password",
      writePdf([["Secret"]], { encrypted: true }),
      "protected by a password",
      "password",
    ],
    ["a scanned PDF", writePdf(["picture", "picture"]), "probably scanned", "probably scanned"],
    [
      "a scanned PDF with numbers of pages",
      writePdf([{ draws: "q 612 0 0 792 0 0 cm /I Do Q BT /F 9 Tf 280 30 Td (Page 1 of 1) Tj ET" }]),
      "[Page 1: mostly an image, which cannot be read, and these words]\\nPage 1 of 1\\n\\n[1 page is mostly an image, perhaps scanned",
      "left out pages of a PDF that are mostly images, perhaps scanned",
    ],
    ["a damaged PDF", cutPdf(plan), "file is damaged", "left out a damaged PDF"],
  ];
  test.each(unreadable)("gets a note about %s, and so does the log", async (_, pdf, toModel, toLog) => {
    await open("generic");
    expect(await said([document(pdf)])).toContain(toModel);
    await proxy.heard(toLog);
    expect(warnings()).toEqual([expect.stringContaining(toLog)]);
  });

  test("gets as many pages as fit into half of its window", async () => {
    const page = Array(20).fill("Words that fill a page of the file, line by line");
    const models = json({ data: [{ id: "big-model", context_length: 8000 }] });
    await open("generic", text("Read."), models);
    await proxy.heard("Read the backend's model list");
    const content = await said([document(writePdf(Array(200).fill(page)))]);
    expect(content).toContain("[Page 11]");
    expect(content).not.toContain("[Page 13]");
    expect(content).toMatch(/What follows page 1[12] of 200 was left out/);
    expect(warnings()).toHaveLength(1);
  });
});

for (const backend of ["generic", "openai"] as const) {
  test(`a PDF that Anthropic's servers fetched is read (${backend})`, async () => {
    await open(backend);
    const [id, url] = ["srvtoolu_1", "https://example.com/plan.pdf"];
    const page = { type: "web_fetch_result", url, content: document(plan) };
    const messages = [
      { role: "user", content: "Read the plan" },
      {
        role: "assistant",
        content: [
          { type: "server_tool_use", id, name: "web_fetch", input: { url } },
          { type: "web_fetch_tool_result", tool_use_id: id, content: page },
          { type: "text", text: "It is read" },
        ],
      },
      { role: "user", content: "Go on" },
    ];
    expect((await proxy.post(ask({ messages }))).status).toBe(200);
    expect(JSON.stringify(proxy.upstream.lastChat().body)).toContain("Raise the roof");
  });
}

describe("a backend with PDFs", () => {
  test("gets them as files, after all tool results", async () => {
    await open("openai");
    expect((await proxy.post(ask({ messages: bothPlaces }))).status).toBe(200);
    expect(sent()).toEqual([
      { role: "tool", content: "PDF file read: plan.pdf\n[See the attachment below]" },
      {
        role: "user",
        content: [
          { type: "text", text: "Attached to the result of Read:" },
          fileOf(plan),
          fileOf(note, "note.pdf"),
          { type: "text", text: "Go on" },
        ],
      },
    ]);
  });

  const refuse = (message: string) => status(400, { error: { message, type: "invalid_request_error" } });
  const refusing =
    (message: string): Script =>
    ({ body }) =>
      JSON.stringify(body).includes('"type":"file"') ? refuse(message) : text("Read.");

  test("gets their text when it refuses them, and from then on without asking", async () => {
    await open("openai", refusing("Invalid content part type: file"));
    expect(await said([document(note)])).toContain("Buy nails");
    expect(await proxy.heard("PDFs became text")).toHaveLength(1);
    const before = proxy.upstream.requests.length;
    expect(await said([document(plan)])).toContain("Raise the roof");
    expect(proxy.upstream.requests.length - before).toBe(1);
  });

  test("still gets the next file when it cannot read one", async () => {
    await open("openai", refusing("Invalid PDF: the file could not be parsed"));
    expect(await said([document(note)])).toContain("Buy nails");
    proxy.upstream.follow(text("Read."));
    expect(await said([document(plan)])).toContain('"type":"file"');
  });
});

test("a text file is text for every backend, whatever its source", async () => {
  await open("openai");
  const source = { type: "base64", media_type: "text/plain", data: Buffer.from("Grüße").toString("base64") };
  expect(await said([{ type: "document", title: "a.txt", source }])).toContain("Grüße");
});
