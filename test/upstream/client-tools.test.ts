import { expect, test } from "bun:test";
import { findClientTool } from "../../src/upstream/client-tools.ts";

const textEditor = (name: string) => findClientTool("text_editor", name)?.schema;

test("B32: the text editor of either generation is told its own arguments", () => {
  expect(textEditor("str_replace_based_edit_tool")).toMatchObject({
    properties: { command: { enum: ["view", "create", "str_replace", "insert"] }, insert_text: {} },
  });
  expect(textEditor("str_replace_editor")).toMatchObject({
    properties: { command: { enum: ["view", "create", "str_replace", "insert", "undo_edit"] }, new_str: {} },
  });
  expect(textEditor("str_replace_editor")?.properties).not.toHaveProperty("insert_text");
});

test("what Anthropic's servers run is not known, nor what objects are born with", () => {
  expect(findClientTool("web_search", "web_search")).toBeUndefined();
  expect(findClientTool("constructor", "constructor")).toBeUndefined();
});
