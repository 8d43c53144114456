/**
 * Anthropic's own tools that the client runs: the model knows their arguments by heart, every other model needs
 * them written down. Source: Anthropic's tool reference; the family is the type without its date.
 */
import type { JsonObject } from "../lib/json.ts";

export type ClientTool = { readonly description: string; readonly schema: JsonObject };

const text = (description: string) => ({ type: "string", description });
const line = (description: string) => ({ type: "integer", description });
const insert_text = text("Text to insert, for insert");
const range = {
  type: "array",
  items: { type: "integer" },
  description: "First and last line to view, from 1; -1 as last means to the end",
};

const editing = (commands: readonly string[], extra: JsonObject): JsonObject => ({
  type: "object",
  properties: {
    command: { type: "string", enum: commands, description: "What to do" },
    path: text("Absolute path of the file or directory"),
    file_text: text("Content of the new file, for create"),
    old_str: text("Text to replace, which must occur exactly once, for str_replace"),
    new_str: text("Text to put in its place, for str_replace"),
    insert_line: line("Line after which to insert, 0 for the beginning, for insert"),
    view_range: range,
    ...extra,
  },
  required: ["command"],
});

const families: Readonly<Record<string, ClientTool>> = {
  bash: {
    description: "Run a command in a bash session that keeps its state between calls",
    schema: {
      type: "object",
      properties: {
        command: text("The command to run; needed unless restart is true"),
        restart: { type: "boolean", description: "Start a fresh session" },
      },
    },
  },
  text_editor: {
    description: "View, create and edit files",
    schema: editing(["view", "create", "str_replace", "insert"], { insert_text }),
  },
  memory: {
    description: "Keep notes in files under /memories that outlast the conversation",
    schema: editing(["view", "create", "str_replace", "insert", "delete", "rename"], {
      insert_text,
      old_path: text("Path to rename, for rename"),
      new_path: text("Its new path, for rename"),
    }),
  },
};

/** The text editor up to 20250124, told by its name: it can undo, and takes the text to insert as `new_str`. */
const olderEditor: ClientTool = {
  description: "View, create and edit files",
  schema: editing(["view", "create", "str_replace", "insert", "undo_edit"], {
    new_str: text("Text to put in its place, for str_replace; text to insert, for insert"),
  }),
};

/** The function that stands for a tool of this family; undefined for one that only Anthropic's servers run. */
export function findClientTool(family: string, name: string): ClientTool | undefined {
  if (family === "text_editor" && name === "str_replace_editor") return olderEditor;
  return Object.hasOwn(families, family) ? families[family] : undefined;
}
