import { expect, test } from "bun:test";
import { countTokensRequest } from "../../src/anthropic/wire.ts";
import { readTool } from "../../src/plan/read-tool.ts";

const cache_control = { type: "ephemeral" };

function read(given: object) {
  const { tools } = countTokensRequest.parse({
    model: "m",
    messages: [{ role: "user", content: "Hello" }],
    tools: [given],
  });
  const [tool] = tools ?? [];
  if (!tool) throw new Error("The request has no tool");
  return readTool(tool);
}

test("a custom tool is one function", () => {
  const input_schema = { type: "object", properties: {} };
  expect(read({ name: "a", description: "d", input_schema, strict: true, cache_control })).toMatchObject([
    {
      tool: {
        name: "a",
        description: "d",
        schema: input_schema,
        isStrict: true,
        cacheControl: cache_control,
      },
    },
  ]);
  expect(read({ name: "a", input_schema, defer_loading: true })).toMatchObject([
    { tool: { description: undefined, isStrict: false }, isDeferred: true },
  ]);
});

test("a client tool of Anthropic is a function under the client's name for it", () => {
  expect(read({ type: "bash_20250124", name: "bash" })).toMatchObject([
    { tool: { name: "bash", schema: { type: "object" }, isStrict: false }, isDeferred: false },
  ]);
});

test("a toolset is one function per member, with its cache mark on the last", () => {
  const members = read({ type: "computer_toolset_20260801", cache_control }) ?? [];
  expect(members).toHaveLength(17);
  expect(new Set(members.map(({ tool }) => tool.toolset))).toEqual(new Set(["computer"]));
  expect(members.map(({ tool }) => tool.cacheControl !== undefined).indexOf(true)).toBe(16);
});

test("server tools and unknown tools are no functions", () => {
  expect(read({ type: "web_search_20250305", name: "web_search" })).toBeUndefined();
  expect(read({ type: "teleport_20300101", name: "teleport" })).toBeUndefined();
  expect(read({ type: "mcp_toolset", mcp_server_name: "s" })).toBeUndefined();
});
