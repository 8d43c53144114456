/** What is not sent to the backend must not be in the prompt that is counted. */
import { describe, expect, test } from "bun:test";
import { changeQuirks } from "../../../src/catalog/quirks.ts";
import { tokenRulesFor } from "../../../src/catalog/token-rules.ts";
import { readPrompt } from "../../../src/plan/size/read-prompt.ts";
import { assistant, call, image, result, text, tool, user } from "../../support/chat-requests.ts";
import { type PlanChanges, planFor } from "../../support/plans.ts";
import { ask } from "../../support/proxy.ts";

const rules = tokenRulesFor("gpt-5.4");
const seal = "c2VhbGVk".repeat(50);

function read(body: Record<string, unknown>, changes: PlanChanges = {}) {
  const plan = planFor(ask(body), changes);
  return readPrompt(plan.request, { ...plan, rules });
}
const readBlocks = (...blocks: object[]) => read({ messages: [user(...blocks)] });

test("system, messages and tools are read, with what a template puts around them", () => {
  const prompt = read({
    system: "Be brief",
    tools: [tool("Read", { description: "Reads" })],
    messages: [
      user("Hi"),
      assistant(text("Yes"), call("t1", "Read", { path: "a" })),
      user(result("t1", "ok")),
    ],
  });
  expect(prompt.texts.flat()).toEqual(["Be brief", "Hi", "Yes", "Read", '{"path":"a"}', "ok"]);
  expect(prompt.toolTexts.flat().slice(0, 2)).toEqual(["Read", "Reads"]);
  expect([prompt.frames, prompt.toolFrames, prompt.opening]).toEqual([24, 8, BigInt(Bun.hash("Hi"))]);
});

test("the schema of a JSON answer is read", () => {
  const format = { type: "json_schema", schema: { type: "object" } };
  expect(read({ output_config: { format } }).texts.flat()).toContain('{"type":"object"}');
});

test("a long message is read once for each way of reading it", () => {
  const reading = assistant(text("I read it. ".repeat(12)), call("t1", "Read", { path: "/a/b/c.ts" }));
  const { request, ...plan } = planFor(ask({ messages: [user("Hi".repeat(200)), reading, user("Go on")] }));
  const options = { ...plan, rules };
  const [first, second, third] = readPrompt(request, options).texts;
  const again = readPrompt(request, options).texts;
  expect(again[0]).toBe(first);
  expect(again[1]).toBe(second);
  // A short one is another object in the next request.
  expect(again[2]).not.toBe(third);
  const other = changeQuirks(plan.quirks, { media: { documentUrls: !plan.quirks.media.documentUrls } });
  expect(readPrompt(request, { ...options, quirks: other }).texts[0]).not.toBe(first);
});

describe("left out", () => {
  test("encrypted content, and the ids of files", () => {
    const found = {
      type: "web_search_tool_result",
      tool_use_id: "srvtoolu_1",
      content: [{ type: "web_search_result", title: "A", url: "https://a.example", encrypted_content: seal }],
    };
    const prompt = readBlocks(
      found,
      { type: "redacted_thinking", data: seal },
      { type: "container_upload", file_id: seal },
    );
    expect(prompt.texts.flat().join()).toContain("https://a.example");
    expect(prompt.texts.flat().join()).not.toContain(seal);
  });

  test("earlier reasoning, where the backend does not take it", () => {
    const thinking = { type: "thinking", thinking: "It may rain", signature: seal };
    const history = { messages: [user("Rain?"), assistant(thinking, text("Yes")), user("Sure?")] };
    expect(read(history, { backend: "openai", model: "gpt-5.4" }).texts.flat()).toEqual([
      "Rain?",
      "Yes",
      "Sure?",
    ]);
    expect(read(history, { backend: "deepseek" }).texts.flat()).toContain("It may rain");
  });

  test("Claude Code's billing block", () => {
    const header = text("x-anthropic-billing-header: cc_version=2.1.330; cch=5f1a2;");
    expect(read({ system: [header, text("Be brief")] }).texts.flat()).toEqual(["Be brief", "Hello"]);
    expect(read({ system: [header] }).frames).toBe(read({}).frames);
  });

  test("images of an assistant", () => {
    expect(read({ messages: [user("Hi"), assistant(text("Look"), image)] }).media).toBe(0);
    expect(readBlocks(image).media).toBeGreaterThan(0);
    expect(readBlocks(result("t1", [image])).media).toBe(readBlocks(image).media);
  });

  test("tools that must not be called, where the backend has no field for that", () => {
    const forbidden = { tools: [tool("Read")], tool_choice: { type: "none" } };
    expect(read(forbidden, { backend: "ollama" }).toolTexts).toEqual([]);
    expect(read(forbidden, { backend: "openai" }).toolTexts.flat()).toContain("Read");
  });
});

describe("a document", () => {
  const pdf = { type: "base64", media_type: "application/pdf", data: "JVBERi0=" };
  const fetched = { type: "document", source: { type: "url", url: "https://a.example/b.pdf" } };

  test("gives its text, title and context", () => {
    const source = { type: "text", media_type: "text/plain", data: "words" };
    expect(readBlocks({ type: "document", title: "T", context: "draft", source }).texts.flat()).toEqual([
      "T",
      "draft",
      "words",
    ]);
  });

  test("that is a PDF counts where the backend reads PDFs", () => {
    const messages = [user({ type: "document", source: pdf })];
    expect(read({ messages }, { backend: "openai" }).pdfs).toEqual(["JVBERi0="]);
    expect(read({ messages }, { backend: "ollama" }).pdfs).toEqual([]);
  });

  test("by URL has a page where the backend fetches it", () => {
    expect(read({ messages: [user(fetched)] }, { backend: "openrouter" }).media).toBe(rules.page);
    expect(read({ messages: [user(fetched)] }, { backend: "openai" }).media).toBe(0);
  });
});
