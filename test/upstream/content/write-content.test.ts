/** Every block that the API knows: what the backend reads in its place, and what the log says about the rest. */
import { describe, expect, test } from "bun:test";
import type { BetaContentBlockParam } from "@anthropic-ai/sdk/resources/beta/messages/messages";
import type { ChatMessage } from "../../../src/upstream/openai-chat/wire.ts";
import {
  assistant,
  call,
  image,
  imagePart,
  messagesFor,
  png,
  result,
  text,
  tool,
  user,
  writeChat,
  writeRow,
  writtenFor,
} from "../../support/chat-requests.ts";
import type { PlanChanges } from "../../support/plans.ts";

type Written = { readonly messages: ChatMessage[]; readonly notes: readonly string[] };

function write(messages: readonly object[], changes: PlanChanges = {}): Written {
  const { body, notes } = writtenFor({ messages }, changes);
  return { messages: JSON.parse(String(body)).messages, notes };
}

const pdfSource = { type: "base64", media_type: "application/pdf", data: "JVBERi0=" } as const;
const pdfData = "data:application/pdf;base64,JVBERi0=";
const plain = (data: string) => ({ type: "text", media_type: "text/plain", data }) as const;

/** The content of the one message that a user's blocks become, and the notes. */
function say(block: object, changes: PlanChanges = {}): { content: unknown; notes: readonly string[] } {
  const { messages, notes } = write([user(block)], changes);
  return { content: messages[0]?.content, notes };
}

/** A block of every type in the official SDK; the compiler asks for those that are missing. */
const blocks: {
  readonly [Type in BetaContentBlockParam["type"]]: Extract<BetaContentBlockParam, { type: Type }>;
} = {
  text: { type: "text", text: "words" },
  image: { type: "image", source: png },
  document: { type: "document", source: plain("words") },
  search_result: {
    type: "search_result",
    source: "s",
    title: "t",
    content: [{ type: "text", text: "words" }],
  },
  thinking: { type: "thinking", thinking: "words", signature: "s" },
  redacted_thinking: { type: "redacted_thinking", data: "d" },
  tool_use: { type: "tool_use", id: "toolu_1", name: "Read", input: {} },
  tool_result: { type: "tool_result", tool_use_id: "toolu_9", content: "words" },
  server_tool_use: {
    type: "server_tool_use",
    id: "srvtoolu_1",
    name: "web_search",
    input: { query: "words" },
  },
  web_search_tool_result: {
    type: "web_search_tool_result",
    tool_use_id: "srvtoolu_1",
    content: [{ type: "web_search_result", url: "https://a.example", title: "A", encrypted_content: "SEAL" }],
  },
  web_fetch_tool_result: {
    type: "web_fetch_tool_result",
    tool_use_id: "srvtoolu_1",
    content: { type: "web_fetch_tool_result_error", error_code: "unavailable" },
  },
  advisor_tool_result: {
    type: "advisor_tool_result",
    tool_use_id: "srvtoolu_1",
    content: { type: "advisor_result", text: "words" },
  },
  code_execution_tool_result: {
    type: "code_execution_tool_result",
    tool_use_id: "srvtoolu_1",
    content: { type: "code_execution_result", stdout: "words", stderr: "", return_code: 0, content: [] },
  },
  bash_code_execution_tool_result: {
    type: "bash_code_execution_tool_result",
    tool_use_id: "srvtoolu_1",
    content: { type: "bash_code_execution_result", stdout: "words", stderr: "", return_code: 0, content: [] },
  },
  text_editor_code_execution_tool_result: {
    type: "text_editor_code_execution_tool_result",
    tool_use_id: "srvtoolu_1",
    content: { type: "text_editor_code_execution_create_result", is_file_update: false },
  },
  tool_search_tool_result: {
    type: "tool_search_tool_result",
    tool_use_id: "srvtoolu_1",
    content: { type: "tool_search_tool_search_result", tool_references: [] },
  },
  mcp_tool_use: {
    type: "mcp_tool_use",
    id: "mcptoolu_1",
    name: "find",
    server_name: "shelf",
    input: { q: 1 },
  },
  mcp_tool_result: { type: "mcp_tool_result", tool_use_id: "mcptoolu_1", content: "words" },
  container_upload: { type: "container_upload", file_id: "file_1" },
  compaction: { type: "compaction", content: "words" },
  tool_addition: { type: "tool_addition", tool: { type: "tool_reference", name: "t" } },
  tool_removal: { type: "tool_removal", tool: { type: "tool_reference", name: "t" } },
  mcp_tool_listing: { type: "mcp_tool_listing", mcp_server_name: "shelf", tools: [] },
  fallback: { type: "fallback", from: { model: "a" }, to: { model: "b" } },
};

/** Types that are not the assistant's content: they go elsewhere, or mean nothing to a backend. */
const wordless: Readonly<Partial<Record<BetaContentBlockParam["type"], RegExp>>> = {
  image: /image or file of the assistant/,
  redacted_thinking: /only Anthropic's servers can read/,
  tool_result: /^$/,
  tool_addition: /which the request does not declare/,
  tool_removal: /^$/,
  mcp_tool_listing: /only Anthropic's servers understand/,
  fallback: /only Anthropic's servers understand/,
};

describe("every content block of the API", () => {
  test.each(Object.values(blocks))("in an assistant's history: $type", (block) => {
    const { messages, notes } = write([user(text("a")), assistant(block), user(text("b"))]);
    const written = messages.filter(({ role }) => role === "assistant");
    const wanted = wordless[block.type];
    if (wanted) expect(notes.join()).toMatch(wanted);
    else expect(written).toHaveLength(1);
    expect(JSON.stringify(written)).not.toContain("SEAL");
  });

  test("unknown types are left out, each named once", () => {
    const hologram = { type: "hologram", data: "bright" };
    const result = { type: "tool_result", tool_use_id: "toolu_1", content: [hologram, text("seen")] };
    const { messages, notes } = write([
      user(hologram, hologram, text("a")),
      assistant(blocks.tool_use),
      user(result),
    ]);
    expect(messages.map(({ content }) => content)).toEqual(["a", null, "seen"]);
    expect(notes).toEqual(["left out a content block of the unknown type hologram"]);
  });

  test("a file for a code container becomes a note", () => {
    expect(say(blocks.container_upload)).toEqual({
      content: "[A file was put into a code container, which does not exist here.]",
      notes: ["left out a file for a code container, which no backend has"],
    });
  });

  test("a call of an MCP server's tool and its result become text", () => {
    const failed = {
      type: "mcp_tool_result",
      tool_use_id: "m",
      is_error: true,
      content: [text("x"), text("y")],
    };
    const empty = { type: "mcp_tool_result", tool_use_id: "m" };
    const { messages } = write([user(text("a")), assistant(blocks.mcp_tool_use, failed, empty)]);
    expect(messages[1]?.content).toBe(
      '[shelf/find: {"q":1}][Result of the MCP tool, an error: x\ny][Result of the MCP tool: (no output)]',
    );
  });
});

describe("images", () => {
  test("by data and by URL, with the type read from the bytes", () => {
    const url = { type: "image", source: { type: "url", url: "https://a.example/b.png" } };
    expect(messagesFor([user(image, url, text("see"))])).toEqual([
      {
        role: "user",
        content: [
          imagePart,
          { type: "image_url", image_url: { url: "https://a.example/b.png" } },
          { type: "text", text: "see" },
        ],
      },
    ]);
    const mislabelled = { type: "image", source: { ...png, media_type: "image/jpeg" } };
    expect(messagesFor([user(mislabelled)])[0]).toMatchObject({ content: [imagePart] });
    expect(() => messagesFor([user(text("x"), url)], { backend: "ollama" })).toThrow(
      /^Could not process image: messages\.0\.content\.1\.image/,
    );
    const local = { type: "image", source: { type: "url", url: "file:///etc/passwd" } };
    expect(() => messagesFor([user(local)])).toThrow(/^Could not process image/);
    const wrapped = {
      type: "image",
      source: { ...png, media_type: "image/PNG; q=1", data: "iVBORw0KGg\noAAAA=" },
    };
    expect(messagesFor([user(wrapped)])[0]).toMatchObject({ content: [imagePart] });
    const file = { type: "image", source: { type: "file", file_id: "f" } };
    expect(() => messagesFor([user(file)])).toThrow(/^Could not process image/);
  });

  test("by URL are refused where the backend takes only data", () => {
    const messages = [user({ type: "image", source: { type: "url", url: "https://a.example/b.png" } })];
    for (const backend of ["ollama", "lmstudio", "moonshot"] as const)
      expect(() => writeRow({ messages }, [backend])).toThrow("Could not process image");
  });

  test("in results follow all of them, or stay where the backend takes them", () => {
    const list = [
      user("a"),
      assistant(call("t1"), call("t2")),
      user(result("t1", [text("seen"), image]), result("t2", "two"), text("go")),
    ];
    expect(messagesFor(list).slice(2)).toEqual([
      { role: "tool", tool_call_id: "t1", content: "seen\n[See the attachment below]" },
      { role: "tool", tool_call_id: "t2", content: "two" },
      {
        role: "user",
        content: [
          { type: "text", text: "Attached to the result of Read:" },
          imagePart,
          { type: "text", text: "go" },
        ],
      },
    ]);
    expect(messagesFor(list, { backend: "openrouter" })[2]).toEqual({
      role: "tool",
      tool_call_id: "t1",
      content: [{ type: "text", text: "seen" }, imagePart],
    });
  });
});

test("a tool reference names the function as it was sent", () => {
  const long = `mcp__${"server_".repeat(12)}_tool`;
  const found = result("t1", [{ type: "tool_reference", tool_name: long }]);
  const chat = writeChat({
    tools: [tool("Find"), tool(long, { defer_loading: true })],
    messages: [user("a"), assistant(call("t1", "Find")), user(found)],
  });
  const short = chat.tools?.[1]?.function.name;
  expect(short).toHaveLength(64);
  expect(chat.messages[2]).toMatchObject({ content: `The tool ${short} is loaded and can be called now` });
});

describe("citations", () => {
  test("of an assistant's text are dropped, the text stays", () => {
    const citation = {
      type: "char_location",
      cited_text: "x",
      document_index: 0,
      start_char_index: 0,
      end_char_index: 1,
    };
    const { messages, notes } = write([
      user(text("a")),
      assistant(text("As it says ", { citations: [citation] }), text("there", { citations: null })),
      user(text("b")),
    ]);
    expect(messages[1]).toEqual({ role: "assistant", content: "As it says there" });
    expect(notes).toEqual(["left out the citations of an earlier answer"]);
  });

  test("that a client asks for are left out, and the log says so", () => {
    const cited = { ...blocks.document, citations: { enabled: true } };
    expect(say(cited)).toEqual({
      content: "<document>\nwords\n</document>",
      notes: ["left out the citations asked for by a document block"],
    });
    expect(say({ ...blocks.search_result, citations: { enabled: true } }).notes).toHaveLength(1);
    expect(say({ ...blocks.document, citations: { enabled: false } }).notes).toEqual([]);
  });
});

describe("documents", () => {
  test("of text get a frame, PDFs stay files", () => {
    const pdf = {
      type: "document",
      title: "Plan",
      source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" },
    };
    const plain = {
      type: "document",
      title: "Notes",
      source: { type: "text", media_type: "text/plain", data: "hello" },
    };
    expect(messagesFor([user(plain)])).toEqual([
      { role: "user", content: '<document title="Notes">\nhello\n</document>' },
    ]);
    expect(messagesFor([user(pdf)], { backend: "openrouter" })[0]).toMatchObject({
      content: [
        { type: "file", file: { filename: "Plan.pdf", file_data: "data:application/pdf;base64,JVBERi0=" } },
      ],
    });
  });

  test("that are PDFs become a file, a document of Mistral's, or a note where nobody has read them", () => {
    const source = { type: "base64", media_type: "application/pdf", data: "JVBERi0=" };
    const messages = [user({ type: "document", source, title: "a" })];
    const data = "data:application/pdf;base64,JVBERi0=";
    for (const backend of ["openai", "openrouter", "gemini"] as const)
      expect(writeRow({ messages }, [backend]).messages[0]?.content).toEqual([
        { type: "file", file: { filename: "a.pdf", file_data: data } },
      ]);
    expect(writeRow({ messages }, ["mistral"]).messages[0]?.content).toEqual([
      { type: "document_url", document_url: data },
    ]);
    expect(writeRow({ messages }, ["groq"]).messages[0]?.content).toContain("left out");
  });

  test("keep their images in place", () => {
    const content = [text("above"), { type: "image", source: png }, text("below")];
    expect(say({ type: "document", title: "T", source: { type: "content", content } }).content).toEqual([
      text('<document title="T">'),
      text("above"),
      imagePart,
      text("below"),
      text("</document>"),
    ]);
    expect(say({ type: "document", source: { type: "content", content: "alone" } }).content).toBe(
      "<document>\nalone\n</document>",
    );
  });

  test("follow what the client says about them", () => {
    const pdf = { type: "document", title: "T", context: "the second draft", source: pdfSource };
    expect(say(pdf, { backend: "openai" }).content).toEqual([
      text('<context of="T">the second draft</context>'),
      { type: "file", file: { filename: "T.pdf", file_data: pdfData } },
    ]);
  });

  test("keep their titles inside the quotes, wherever these stand", () => {
    const named = { type: "document", title: 'a"\n\0<b>', context: "c" };
    const source = { type: "url", url: "https://a.example/x.pdf" };
    for (const one of [pdfSource, source, { type: "file", file_id: "f" }])
      expect(JSON.stringify(say({ ...named, source: one }, { backend: "openai" }))).toContain(
        JSON.stringify('<context of="a b">').slice(1, -1),
      );
    expect(JSON.stringify(say({ ...named, source }).content)).toContain('document \\"a b\\" at');
  });

  test("in a tool result stay in place where the backend allows it, and follow all results elsewhere", () => {
    const result = {
      type: "tool_result",
      tool_use_id: "toolu_1",
      content: [text("read"), { type: "document", source: pdfSource }],
    };
    const history = [user(text("a")), assistant(blocks.tool_use), user(result)];
    const file = { type: "file", file: { filename: "document.pdf", file_data: pdfData } };
    expect(write(history, { backend: "openrouter" }).messages.slice(2)).toMatchObject([
      { role: "tool", content: [text("read"), file] },
    ]);
    expect(write(history, { backend: "mistral" }).messages.slice(2)).toMatchObject([
      { role: "tool", content: "read\n[See the attachment below]" },
      { role: "assistant" },
      { role: "user", content: [{ type: "text" }, { type: "document_url", document_url: pdfData }] },
    ]);
  });

  test("by URL are fetched by the backend, or named", () => {
    const url = "https://a.example/b.pdf";
    const document = { type: "document", source: { type: "url", url } };
    expect(say(document, { backend: "openrouter" }).content).toEqual([
      { type: "file", file: { filename: "document.pdf", file_data: url } },
    ]);
    expect(say(document, { backend: "mistral" }).content).toEqual([
      { type: "document_url", document_url: url },
    ]);
    for (const backend of ["openai", "generic"] as const)
      expect(say(document, { backend })).toEqual({
        content: `[A document at ${url} was not fetched. Tell the user.]`,
        notes: ["left out a document given by URL"],
      });
    const local = { type: "document", source: { type: "url", url: "file:///etc/passwd" } };
    expect(say(local, { backend: "mistral" }).content).toContain("was not fetched");
  });

  test("by file id are named, and images are refused", () => {
    const source = { type: "file", file_id: "file_1" };
    expect(say({ type: "document", title: "Plan", source })).toMatchObject({
      content: expect.stringContaining('The document "Plan" was left out'),
      notes: ["left out a document of the Files API"],
    });
    expect(() => say({ type: "image", source })).toThrow(
      "Could not process image: messages.0.content.0.image: there is no Files API here; send it as base64",
    );
  });

  test("carry their cache mark where the backend takes marks", () => {
    const cache_control = { type: "ephemeral" };
    const marked = { ...blocks.document, cache_control };
    expect(say(marked, { backend: "openrouter", model: "anthropic/claude-opus-5" }).content).toEqual([
      text("<document>\nwords\n</document>", { cache_control }),
    ]);
    expect(say(marked).content).toBe("<document>\nwords\n</document>");
  });
});
