import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ReplyEvent } from "../../src/reply.ts";
import { answerOf } from "../support/answers.ts";
import { callOf, factsWithSearch, finished, foundPage, said, searchOf } from "../support/reply-events.ts";

const page = foundPage("https://a.example/1", "A");

describe("a web search of the backend", () => {
  test("becomes a call followed by its result, and is counted", () => {
    const answer = answerOf([searchOf([page]), said("Yes."), finished]);
    const [call, result, text] = answer.content;
    expect(call).toMatchObject({ type: "server_tool_use", name: "web_search", input: { query: "q" } });
    expect(result).toEqual({
      type: "web_search_tool_result",
      tool_use_id: call?.type === "server_tool_use" ? call.id : "",
      caller: { type: "direct" },
      content: [
        {
          type: "web_search_result",
          url: page.url,
          title: "A",
          encrypted_content: "Read at A",
          page_age: null,
        },
      ],
    });
    expect(text).toEqual({ type: "text", text: "Yes.", citations: null });
    expect(answer.stop_reason).toBe("end_turn");
    expect(answer.usage.server_tool_use).toEqual({ web_search_requests: 1, web_fetch_requests: 0 });
  });

  test("for too much, or for nothing, is the error that Anthropic has for it", () => {
    for (const found of ["max_uses_exceeded", "invalid_tool_input", "query_too_long"] as const)
      expect(
        answerOf([{ type: "web-search", id: "srvtoolu_1", query: "", found }, finished]).content,
      ).toMatchObject([{ id: "srvtoolu_1" }, { tool_use_id: "srvtoolu_1", content: { error_code: found } }]);
  });

  test("closes the text before it, and the text after it is a new block", () => {
    const answer = answerOf([said("One."), searchOf([]), said("Two."), finished]);
    expect(answer.content.map(({ type }) => type)).toEqual([
      "text",
      "server_tool_use",
      "web_search_tool_result",
      "text",
    ]);
  });

  test("that failed becomes an error block and is not counted", () => {
    const answer = answerOf([searchOf("unavailable"), said("Sorry."), finished]);
    expect(answer.content[1]).toMatchObject({
      content: { type: "web_search_tool_result_error", error_code: "unavailable" },
    });
    expect(answer.usage.server_tool_use).toBeUndefined();
  });

  test("is counted as the backend counts it", () => {
    const usage: ReplyEvent = {
      type: "usage",
      usage: { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1, webSearches: 3 },
    };
    expect(answerOf([searchOf([page]), said("x"), usage, finished]).usage.server_tool_use).toEqual({
      web_search_requests: 3,
      web_fetch_requests: 0,
    });
  });

  test("waits until the tool call before it is complete", () => {
    const [start, delta, end] = callOf(0);
    const facts = [start, searchOf([page]), delta, end].filter((fact) => fact !== undefined);
    expect(answerOf([...facts, finished]).content.map(({ type }) => type)).toEqual([
      "tool_use",
      "server_tool_use",
      "web_search_tool_result",
    ]);
  });
});

describe("a citation", () => {
  test("is attached to the text before it, with the beginning of the page", () => {
    const long = { ...page, snippet: "😀".repeat(200) };
    const answer = answerOf([said("Yes."), { type: "citation", page: long }, searchOf([long]), finished]);
    expect(answer.content[0]).toEqual({
      type: "text",
      text: "Yes.",
      citations: [
        {
          type: "web_search_result_location",
          cited_text: "😀".repeat(150),
          url: page.url,
          title: "A",
          encrypted_index: "",
        },
      ],
    });
  });

  test("without a text before it is dropped, as the result already has the page", () => {
    const answer = answerOf([searchOf([page]), ...callOf(0), { type: "citation", page }, finished]);
    expect(JSON.stringify(answer)).not.toContain("web_search_result_location");
  });
});

test("a search among tools becomes a call followed by what it found, or by its fault", () => {
  const search = { type: "tool-search", id: "srvtoolu_1", form: "regex", input: { pattern: "a" } } as const;
  const fault = { code: "invalid_tool_input", message: "pattern: a group is not closed" } as const;
  const { content, usage } = answerOf([{ ...search, found: ["a", "b"] }, finished]);
  expect<unknown>(content).toEqual([
    {
      type: "server_tool_use",
      id: "srvtoolu_1",
      name: "tool_search_tool_regex",
      input: { pattern: "a" },
      caller: { type: "direct" },
    },
    {
      type: "tool_search_tool_result",
      tool_use_id: "srvtoolu_1",
      content: {
        type: "tool_search_tool_search_result",
        tool_references: ["a", "b"].map((tool_name) => ({ type: "tool_reference", tool_name })),
      },
    },
  ]);
  expect(usage.server_tool_use).toBeUndefined();
  expect(answerOf([{ ...search, found: fault }, finished]).content[1]).toMatchObject({
    content: {
      type: "tool_search_tool_result_error",
      error_code: fault.code,
      error_message: fault.message,
    },
  });
});

test("for texts, searches and calls in any order, the grammar holds and nothing is lost", () => {
  fc.assert(
    fc.property(factsWithSearch(), (facts) => {
      const { content, usage } = answerOf([...facts, finished]);
      const told = facts.flatMap((fact) => (fact.type === "text-delta" ? [fact.text] : [])).join("");
      const written = content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("");
      expect(written.replace(/\s/g, "")).toBe(told.replace(/\s/g, ""));
      const searches = facts.flatMap((fact) => (fact.type === "web-search" ? [fact.found] : []));
      const results = content.flatMap((block) => (block.type === "web_search_tool_result" ? [block] : []));
      expect<unknown>(
        results.map(({ content }) =>
          Array.isArray(content) ? content.map(({ url }) => url) : "unavailable",
        ),
      ).toEqual(searches.map((found) => (typeof found === "string" ? found : found.map(({ url }) => url))));
      expect(usage.server_tool_use?.web_search_requests ?? 0).toBe(
        searches.filter((found) => typeof found !== "string").length,
      );
    }),
  );
});
