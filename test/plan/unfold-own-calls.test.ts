import { describe, expect, test } from "bun:test";
import { countTokensRequest } from "../../src/anthropic/wire.ts";
import { listOwnTools } from "../../src/plan/own-tools.ts";
import { unfoldOwnCalls } from "../../src/plan/unfold-own-calls.ts";

const tools = [
  { type: "tool_search_tool_regex", name: "tool_search_tool_regex" },
  { type: "web_search_20250305", name: "web_search" },
  { name: "a", input_schema: { type: "object" }, defer_loading: true },
];
const hello = { role: "user", content: "Hello" };

function read(content: object[], given: object[] = tools, searchesWeb = true) {
  const request = countTokensRequest.parse({
    model: "m",
    messages: [hello, { role: "assistant", content }],
    tools: given,
  });
  const messages = unfoldOwnCalls(request.messages, listOwnTools(request, searchesWeb));
  return { isSame: messages === request.messages, unfolded: messages.slice(1) };
}

const use = (id: string, name = "web_search", input: unknown = { query: "q" }) => ({
  type: "server_tool_use",
  id,
  name,
  input,
});
const found = (tool_use_id: string, content: unknown) => ({
  type: "web_search_tool_result",
  tool_use_id,
  content,
});
const page = {
  type: "web_search_result",
  title: "T",
  url: "https://a.example",
  encrypted_content: "It says so.",
};
const said = (text: string) => ({ type: "text", text });
const call = (id: string, name = "web_search", input: object = { query: "q" }) => ({
  type: "tool_use",
  id,
  name,
  input,
});

test("a call and its result become a turn each, and the rest follows", () => {
  const { unfolded } = read([said("one"), use("s1"), found("s1", [page]), said("two")]);
  expect(unfolded).toMatchObject([
    { role: "assistant", content: [said("one"), call("s1")] },
    {
      role: "user",
      content: [{ tool_use_id: "s1", content: [{ text: "- [T](https://a.example)\n  It says so." }] }],
    },
    { role: "assistant", content: [said("two")] },
  ]);
});

test("calls that were made together stay together", () => {
  const { unfolded } = read([use("s1"), use("s2"), found("s1", [page]), found("s2", [])]);
  expect(unfolded).toMatchObject([
    { role: "assistant", content: [call("s1"), call("s2")] },
    { role: "user", content: [{ tool_use_id: "s1" }, { content: [{ text: "Nothing was found" }] }] },
  ]);
});

test("nothing comes between a call of the client's and its result, which is in the next message", () => {
  const note = call("c1", "note", {});
  const { unfolded } = read([use("s1"), found("s1", [page]), note, use("s2"), found("s2", []), said("two")]);
  expect(unfolded).toMatchObject([
    { role: "assistant", content: [call("s1")] },
    { role: "user", content: [{ tool_use_id: "s1" }] },
    { role: "assistant", content: [note, call("s2"), said("two")] },
    { role: "user", content: [{ tool_use_id: "s2" }] },
  ]);
});

test("references load tools", () => {
  const references = [{ type: "tool_reference", tool_name: "a" }, 7];
  const content = { type: "tool_search_tool_search_result", tool_references: references };
  const result = { type: "tool_search_tool_result", tool_use_id: "s1", content };
  const { unfolded } = read([use("s1", "tool_search_tool_regex", { pattern: "a" }), result]);
  expect(unfolded[1]?.content).toMatchObject([{ content: [references[0]] }]);
});

describe("a fault is an error with a hint", () => {
  test.each([
    ["max_uses_exceeded", "No more searches"],
    ["query_too_long", "fewer words"],
    ["invalid_tool_input", "missing"],
    ["unavailable", "Present nothing as a search result"],
  ])("%s", (error_code, words) => {
    const { unfolded } = read([use("s1"), found("s1", { type: "web_search_tool_result_error", error_code })]);
    expect(unfolded[1]?.content).toMatchObject([
      { is_error: true, content: [{ text: expect.stringContaining(words) }] },
    ]);
  });

  test("in the words that came with it", () => {
    const content = { type: "tool_search_tool_result_error", error_code: "x", error_message: "bad pattern" };
    const result = { type: "tool_search_tool_result", tool_use_id: "s1", content };
    const { unfolded } = read([use("s1", "tool_search_tool_regex", { pattern: "(" }), result]);
    expect(unfolded[1]?.content).toMatchObject([{ is_error: true, content: [{ text: "bad pattern" }] }]);
  });
});

test("what the proxy did not run, or has no result, stays as it is", () => {
  expect(read([use("s1"), found("s1", [page])], tools, false).isSame).toBe(true);
  expect(read([use("s1"), found("s1", [page])], []).isSame).toBe(true);
  expect(read([use("s1")]).isSame).toBe(true);
  expect(read([found("s1", [page])]).isSame).toBe(true);
  expect(read([use("s1", "code_execution"), found("s1", [page])]).isSame).toBe(true);
});

test("an input that is none becomes an empty one", () => {
  expect(read([use("s1", "web_search", "q"), found("s1", [])]).unfolded[0]?.content).toMatchObject([
    call("s1", "web_search", {}),
  ]);
});
