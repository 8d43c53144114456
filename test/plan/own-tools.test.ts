import { expect, test } from "bun:test";
import { countTokensRequest } from "../../src/anthropic/wire.ts";
import { listOwnTools, nameOf } from "../../src/plan/own-tools.ts";

const own = (tools: object[], searchesWeb = true) =>
  listOwnTools(
    countTokensRequest.parse({ model: "m", messages: [{ role: "user", content: "Hi" }], tools }),
    searchesWeb,
  );
const deferred = { name: "a", input_schema: { type: "object" }, defer_loading: true };
const regex = { type: "tool_search_tool_regex", name: "tool_search_tool_regex" };
const bm25 = { type: "tool_search_tool_bm25_20251119", name: "find_tools" };
const web = {
  type: "web_search_20260209",
  name: "web_search",
  max_uses: 3,
  allowed_domains: ["a.example"],
  cache_control: { type: "ephemeral" },
};

test("each search is a function, under the client's name of it and with its cache mark", () => {
  const tools = own([regex, bm25, web, deferred]);
  expect(tools.map(({ tool }) => [tool.name, Object.keys(Object(tool.schema.properties))])).toEqual([
    ["tool_search_tool_regex", ["pattern"]],
    ["find_tools", ["query"]],
    ["web_search", ["query"]],
  ]);
  expect(tools.map(nameOf)).toEqual(["tool_search_tool_regex", "tool_search_tool_bm25", "web_search"]);
  expect(tools[2]).toMatchObject({
    kind: "web-search",
    maxUses: 3,
    allowedDomains: ["a.example"],
    tool: { cacheControl: web.cache_control, description: expect.stringContaining("a.example") },
  });
});

test("a search among tools needs something to find, also members of toolsets", () => {
  expect(own([regex, { ...deferred, defer_loading: false }])).toEqual([]);
  const computer = { type: "computer_toolset_20260801", configs: { key: { defer_loading: true } } };
  expect(own([regex, computer])).toHaveLength(1);
});

test("the web is searched only where that was decided, and no other server tool is run", () => {
  expect(own([web], false)).toEqual([]);
  expect(own([{ type: "code_execution_20250825", name: "code_execution" }, deferred])).toEqual([]);
});
