import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ReplyEvent } from "../../../src/reply.ts";
import { createReader } from "../../../src/upstream/openai-chat/reply/read-stream.ts";
import type { WrittenRequest } from "../../../src/upstream/protocol.ts";
import { answerOf } from "../../support/answers.ts";
import { planFor } from "../../support/plans.ts";
import { ask } from "../../support/proxy.ts";
import { joinTexts } from "../../support/reply-events.ts";

const written: WrittenRequest = { body: "", clientToolName: (name) => ({ name }), prefill: "", notes: [] };
const search = { type: "web_search_20250305", name: "web_search", blocked_domains: ["spam.example"] };
const save = { name: "save", input_schema: { type: "object", properties: {} } };

type Backend = Parameters<typeof planFor>[1];

function read(
  chunks: readonly object[],
  backend: Backend = { backend: "openrouter" },
  tools: object[] = [search],
): ReplyEvent[] {
  const reader = createReader(planFor(ask({ tools }), backend), written);
  const facts = chunks.flatMap((chunk) => reader.push({ event: "", data: JSON.stringify(chunk) }));
  return joinTexts([...facts, ...reader.end()]);
}

const delta = (delta: object, more: object = {}) => ({ choices: [{ index: 0, delta, ...more }] });
const finish = delta({}, { finish_reason: "stop" });
const cite = (url: string, title = "T") => ({ type: "url_citation", url_citation: { url, title } });
const urls = (facts: readonly ReplyEvent[]) =>
  facts
    .flatMap((fact) => (fact.type === "web-search" && typeof fact.found !== "string" ? [fact.found] : []))
    .flat()
    .map(({ url }) => url);

describe("where pages are found", () => {
  test.each([
    [
      "a citation without a wrapper",
      delta({ annotations: [{ type: "url_citation", url: "https://a.example/" }] }),
    ],
    ["xAI's list of addresses", { ...delta({}), citations: ["https://a.example/"] }],
    ["a list beside the choice", { choices: [{ index: 0, delta: {}, citations: ["https://a.example/"] }] }],
    ["Qwen's list", { ...delta({}), search_info: { search_results: [{ url: "https://a.example/" }] } }],
    ["Groq's bare list", delta({ executed_tools: [{ search_results: [{ url: "https://a.example/" }] }] })],
  ])("%s", (_, chunk) => {
    const facts = read([delta({ content: "Yes." }), chunk, finish]);
    expect(urls(facts)).toEqual(["https://a.example/"]);
    expect(JSON.stringify(facts)).toContain('"title":"a.example"');
  });

  test("values that are not pages are ignored", () => {
    const odd = [
      null,
      5,
      {},
      { url: "ftp://a.example" },
      { link: 7 },
      "not an address",
      "https://spam.example/x",
    ];
    const holder = {
      annotations: [...odd, { type: "file", file: {} }, { type: "url_citation", url_citation: null }],
      citations: odd,
      search_results: { a: 1 },
      web_search: odd,
      executed_tools: [null, { arguments: "{" }, { search_results: "x" }],
      search_info: 5,
    };
    expect(read([{ ...delta({ content: "Yes.", ...holder }), ...holder }, finish])).toEqual([
      { type: "text-delta", text: "Yes." },
      { type: "finish", reason: "stop", stopSequence: undefined },
    ]);
  });

  test("long snippets are cut", () => {
    const search_results = [{ url: "https://a.example/", snippet: `${"x".repeat(1999)}😀` }];
    const [told] = read([{ ...delta({ content: "Yes." }), search_results }, finish]);
    expect(told).toMatchObject({ found: [{ snippet: `${"x".repeat(1999)}\ufffd` }] });
  });

  test("the number of pages is limited", () => {
    const citations = Array.from({ length: 500 }, (_, i) => `https://a.example/${i}`);
    expect(urls(read([{ ...delta({ content: "x" }), citations }, finish]))).toHaveLength(100);
  });
});

test("pages known before the text come first, later ones become citations of the text before them", () => {
  const facts = read([
    delta({ annotations: [cite("https://a.example/", "A")] }),
    delta({ content: "Yes." }),
    delta({ annotations: [cite("https://b.example/", "B"), cite("https://a.example/", "A")] }),
    finish,
  ]);
  expect(facts.map((fact) => (fact.type === "citation" ? fact.page.title : fact.type))).toEqual([
    "web-search",
    "text-delta",
    "A",
    "B",
    "web-search",
    "finish",
  ]);
});

describe("a search without listed pages", () => {
  const openai = { backend: "openai", model: "gpt-5.4" } as const;

  test("takes the links of its text as pages", () => {
    const text =
      "See [the news](https://a.example/n) and [more](https://a.example/m_(1)) or ![x](http://b.example).";
    expect(urls(read([delta({ content: text }), finish], openai))).toEqual([
      "https://a.example/n",
      "http://b.example",
    ]);
  });

  test("is reported with no results", () => {
    expect(read([delta({ content: "No idea." }), finish], openai)).toContainEqual({
      type: "web-search",
      query: "Hello",
      found: [],
    });
  });

  test("is not reported for an empty answer, which is asked for again", () => {
    expect(read([finish], openai).map(({ type }) => type)).toEqual(["finish"]);
  });

  test("is reported if the backend counted one, and not if the model did not search", () => {
    const usage = { prompt_tokens: 1, completion_tokens: 1, server_tool_use: { web_search_requests: 1 } };
    const link = delta({ content: "[a](https://a.example/)" });
    expect(urls(read([link, finish, { choices: [], usage }]))).toEqual(["https://a.example/"]);
    expect(read([link, finish]).map(({ type }) => type)).toEqual(["text-delta", "finish"]);
  });
});

test("a request without a search gets no pages", () => {
  const chunks = [delta({ content: "x", annotations: [cite("https://a.example/")] }), finish];
  expect(read(chunks, { backend: "openrouter" }, [save]).map(({ type }) => type)).toEqual([
    "text-delta",
    "finish",
  ]);
});

test("wherever and however often pages are listed, each is reported once and the text is complete", () => {
  const sites = ["a", "b", "spam", "c"].map((name) => `https://${name}.example/`);
  const place = fc.constantFrom("annotations", "citations", "search_results");
  const step = fc.oneof(
    fc.constantFrom("One ", "two ", "three ").map((content) => ({ content })),
    fc.record({ place, found: fc.subarray(sites) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const chunks = steps.map((step) => {
        if ("content" in step) return delta(step);
        if (step.place === "annotations") return delta({ annotations: step.found.map((url) => cite(url)) });
        const list = step.place === "citations" ? step.found : step.found.map((url) => ({ url }));
        return { ...delta({}), [step.place]: list };
      });
      const facts = read([...chunks, finish]);
      const mentioned = new Set(steps.flatMap((step) => ("found" in step ? step.found : [])));
      mentioned.delete("https://spam.example/");
      expect(urls(facts).sort()).toEqual([...mentioned].sort());
      const { content } = answerOf(facts);
      const text = steps.map((step) => ("content" in step ? step.content : "")).join("");
      expect(content.map((block) => (block.type === "text" ? block.text : "")).join("")).toBe(text);
    }),
  );
});
