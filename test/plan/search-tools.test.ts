import { describe, expect, test } from "bun:test";
import type { CallableTool } from "../../src/plan/read-tool.ts";
import { searchTools } from "../../src/plan/search-tools.ts";

const tool = (name: string, description?: string, schema = {}): CallableTool => ({
  name,
  description,
  schema: { type: "object", ...schema },
  isStrict: false,
  cacheControl: undefined,
});
const nested = {
  properties: {
    filters: {
      type: "array",
      items: { type: "object", properties: { altitude: { description: "Meters above the sea" } } },
    },
  },
};
const tools = [
  tool("list_flights", "Lists flights", nested),
  tool("Slack", "Posts to a channel"),
  tool("notify", "Posts to slack or mail"),
  tool("get_user_data"),
];
const byPattern = (pattern: unknown) => searchTools(tools, "regex", { pattern });
const byWords = (query: unknown) => searchTools(tools, "bm25", { query });

describe("by a pattern", () => {
  test("names come before descriptions, and those before arguments", async () => {
    expect(await byPattern("(?i)slack")).toEqual(["Slack", "notify"]);
    expect(await byPattern("slack")).toEqual(["notify"]);
    expect(await byPattern("a")).toEqual(["Slack", "get_user_data", "notify", "list_flights"]);
    expect(await byPattern("get_.*_data")).toEqual(["get_user_data"]);
  });

  test("arguments are found by name and description, however deep", async () => {
    for (const pattern of ["^altitude$", "above the sea", "^filters$"])
      expect(await byPattern(pattern)).toEqual(["list_flights"]);
  });

  test("at most five are found, each name once", async () => {
    const many = Array.from({ length: 30 }, (_, i) => tool(`job_${i}`));
    expect(await searchTools(many, "regex", { pattern: "job" })).toHaveLength(5);
    expect(await searchTools([tool("a"), tool("a")], "regex", { pattern: "a" })).toEqual(["a"]);
  });

  test.each([undefined, "", 7, "(", "x".repeat(201)])("%p is a fault of the model", async (pattern) => {
    expect(await byPattern(pattern)).toMatchObject({ code: "invalid_tool_input" });
  });
});

describe("in words", () => {
  test("the best come first", async () => {
    expect(await byWords("post to slack")).toEqual(["Slack", "notify"]);
    expect(await byWords("altitude in meters")).toEqual(["list_flights"]);
    expect(await byWords("user data")).toEqual(["get_user_data"]);
    expect(await byWords("zebra")).toEqual([]);
  });

  test.each([undefined, " ", 7, "x".repeat(2001)])("%p is a fault of the model", async (query) => {
    expect(await byWords(query)).toMatchObject({ code: "invalid_tool_input" });
  });
});
