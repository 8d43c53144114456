import { describe, expect, test } from "bun:test";
import { tool } from "../../../support/chat-requests.ts";
import { responsesFor } from "../../../support/responses-requests.ts";

const read = tool("Read", { description: "Reads" });
const closed = { type: "object", properties: {}, additionalProperties: false, required: [] };

test("functions are flat, and say whether they are strict", () => {
  const { tools } = responsesFor({ tools: [read, tool("Save", { input_schema: closed, strict: true })] });
  expect(tools).toMatchObject([
    { type: "function", name: "Read", description: "Reads", strict: false },
    { type: "function", name: "Save", strict: true },
  ]);
});

describe("the choice", () => {
  test.each<[object, unknown]>([
    [{ type: "auto" }, undefined],
    [{ type: "none" }, "none"],
    [{ type: "any" }, "required"],
    [
      { type: "tool", name: "Read" },
      { type: "function", name: "Read" },
    ],
  ])("%j becomes %j", (tool_choice, expected) => {
    expect<unknown>(responsesFor({ tools: [read], tool_choice }).tool_choice).toEqual(expected);
  });

  test("of one call at a time", () => {
    const tool_choice = { type: "auto", disable_parallel_tool_use: true };
    expect(responsesFor({ tools: [read], tool_choice }).parallel_tool_calls).toBe(false);
  });
});

describe("a web search", () => {
  const search = { type: "web_search_20250305", name: "web_search" };

  test("can be forced, alone or among others", () => {
    const tool_choice = { type: "tool", name: "web_search" };
    expect(responsesFor({ tools: [search], tool_choice }).tool_choice).toBe("required");
    expect(responsesFor({ tools: [read, search], tool_choice }).tool_choice).toEqual({
      type: "allowed_tools",
      mode: "required",
      tools: [{ type: "web_search" }],
    });
  });

  test("names its sites as the filter takes them, and the others in words", () => {
    const limited = { ...search, allowed_domains: ["https://a.example/docs", "*.b.example"], max_uses: 2 };
    expect(responsesFor({ tools: [limited] })).toMatchObject({
      max_tool_calls: 2,
      tools: [{ filters: { allowed_domains: ["a.example", "b.example"] } }],
    });
    const blocked = responsesFor({ tools: [{ ...search, blocked_domains: ["bad.example"] }] });
    expect(JSON.stringify(blocked.input)).toContain("Use nothing from these sites: bad.example");
  });

  test("is not offered to a backend without one", () => {
    const body = responsesFor({ tools: [read, search] }, { backend: "generic", model: "gpt-5" });
    expect(body.tools).toHaveLength(1);
  });
});
