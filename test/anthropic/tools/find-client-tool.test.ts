import { describe, expect, test } from "bun:test";
import { findClientTool, isServerTool, isToolSearch } from "../../../src/anthropic/tools/find-client-tool.ts";

const find = (type: string, name: string, rest = {}) =>
  findClientTool({ family: type.replace(/_\d{8}$/, ""), name, definition: { type, name, ...rest } });

const textEditor = (name: string) => find("text_editor_20250728", name)?.schema;

test("each generation of the text editor gets its own arguments", () => {
  expect(textEditor("str_replace_based_edit_tool")).toMatchObject({
    properties: { command: { enum: ["view", "create", "str_replace", "insert"] }, insert_text: {} },
  });
  expect(textEditor("str_replace_editor")).toMatchObject({
    properties: { command: { enum: ["view", "create", "str_replace", "insert", "undo_edit"] }, new_str: {} },
  });
  expect(textEditor("str_replace_editor")?.properties).not.toHaveProperty("insert_text");
});

test("server tools and names of inherited properties are not client tools", () => {
  expect(find("web_search_20250305", "web_search")).toBeUndefined();
  expect(find("constructor", "constructor")).toBeUndefined();
});

describe("the computer tool", () => {
  const display = { display_width_px: 1280, display_height_px: 800 };
  const actions = (type: string, rest = {}) => {
    const schema = JSON.stringify(find(type, "computer", { ...display, ...rest })?.schema);
    return JSON.parse(schema).properties.action.enum;
  };

  test("states the size and number of the display", () => {
    const described = (rest: object) => find("computer_20250124", "computer", rest)?.description;
    expect(described({ ...display, display_number: 1 })).toContain(
      "1280 by 800 pixels. It is display number 1.",
    );
    expect(described(display)).not.toContain("display number");
    expect(described({})).not.toContain("undefined");
  });

  test("offers the actions of its version", () => {
    expect(actions("computer_20241022")).toHaveLength(10);
    expect(actions("computer_20241022")).not.toContain("scroll");
    expect(actions("computer_20250124")).toHaveLength(16);
    expect(actions("computer_20250124")).toContain("scroll");
    expect(actions("computer_20251124")).not.toContain("zoom");
    expect(actions("computer_20251124", { enable_zoom: true })).toContain("zoom");
    expect(actions("computer_20991231")).toEqual(actions("computer_20251124"));
  });

  test("offers only the arguments of those actions", () => {
    const names = (type: string, rest = {}) =>
      Object.keys(find(type, "computer", rest)?.schema.properties ?? {});
    expect(names("computer_20241022")).toEqual(["action", "coordinate", "text"]);
    expect(names("computer_20251124")).not.toContain("region");
    expect(names("computer_20251124", { enable_zoom: true })).toContain("region");
  });
});

test("server tools are distinguished from unknown tools", () => {
  expect(["web_search", "tool_search_tool_bm25", "advisor", "mcp_toolset"].every(isServerTool)).toBe(true);
  expect(["bash", "teleport", "web_searcher"].some(isServerTool)).toBe(false);
  expect(isToolSearch("tool_search_tool_regex")).toBe(true);
  expect(isToolSearch("web_search")).toBe(false);
});
