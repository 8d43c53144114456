import { expect, test } from "bun:test";
import { unseal } from "../../src/anthropic/unseal.ts";

const page = (encrypted_content: string) => ({
  type: "web_search_result",
  title: "Bridge news",
  url: "https://news.example/b",
  encrypted_content,
  page_age: null,
});

test("our own search result becomes its pages with the text that was read", () => {
  expect(unseal([page("It opens\nin March."), page("")])).toBe(
    "- [Bridge news](https://news.example/b)\n  It opens in March.\n- [Bridge news](https://news.example/b)",
  );
});

test("Anthropic's search result becomes its pages, without the encrypted content", () => {
  expect(unseal([page("EqgfCioIARgBIiQ3YTAwMjY1Mi1mZjM5=")])).toBe("- [Bridge news](https://news.example/b)");
});

test("an empty search result says that nothing was found", () => {
  expect(unseal([])).toBe("Nothing was found");
});

test("a fetched page becomes its text, unless it is binary", () => {
  const fetched = (source: object) => ({
    type: "web_fetch_result",
    url: "https://a.example/",
    content: { type: "document", title: "A", source },
  });
  expect(unseal(fetched({ type: "text", media_type: "text/plain", data: "Words" }))).toBe(
    "A https://a.example/\nWords",
  );
  expect(unseal(fetched({ type: "base64", media_type: "application/pdf", data: "JVBE" }))).not.toContain(
    "JVBE",
  );
});

test("other results become JSON, without binary and encrypted content", () => {
  expect(unseal({ type: "web_search_tool_result_error", error_code: "unavailable" })).toBe(
    '{"type":"web_search_tool_result_error","error_code":"unavailable"}',
  );
  expect(unseal({ encrypted_stdout: "x", stdout: "y" })).toBe('{"stdout":"y"}');
});
