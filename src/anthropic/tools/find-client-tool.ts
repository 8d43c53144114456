/**
 * Room `anthropic/tools/`: the tools that Anthropic defines and the client runs, as schemas that every model can read.
 * Not here: how a backend wants a schema written.
 *
 * Anthropic's own models know the arguments of these tools by heart; every other model needs them written down.
 * Source: Anthropic's tool reference; the family is the type without its date.
 */
import type { JsonObject } from "../../lib/json.ts";
import type { TypedTool } from "../wire.ts";

export type ClientTool = { readonly description: string; readonly schema: JsonObject };

const toolSearch = /^tool_search_tool_/;

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

const bash: ClientTool = {
  description: "Run a command in a bash session that keeps its state between calls",
  schema: {
    type: "object",
    properties: {
      command: text("The command to run; needed unless restart is true"),
      restart: { type: "boolean", description: "Start a fresh session" },
    },
  },
};

const textEditor: ClientTool = {
  description: "View, create and edit files",
  schema: editing(["view", "create", "str_replace", "insert"], { insert_text }),
};

/** The text editor up to 20250124, recognized by its name: it can undo, and takes the text to insert as `new_str`. */
const olderEditor: ClientTool = {
  description: "View, create and edit files",
  schema: editing(["view", "create", "str_replace", "insert", "undo_edit"], {
    new_str: text("Text to put in its place, for str_replace; text to insert, for insert"),
  }),
};

const memory: ClientTool = {
  description: "Keep notes in files under /memories that outlast the conversation",
  schema: editing(["view", "create", "str_replace", "insert", "delete", "rename"], {
    insert_text,
    old_path: text("Path to rename, for rename"),
    new_path: text("Its new path, for rename"),
  }),
};

const firstActions = [
  "key",
  "type",
  "mouse_move",
  "left_click",
  "left_click_drag",
  "right_click",
  "middle_click",
  "double_click",
  "screenshot",
  "cursor_position",
];
/** Since 20250124. */
const laterActions = ["left_mouse_down", "left_mouse_up", "triple_click", "scroll", "hold_key", "wait"];

/** An argument with positions or sizes in pixels. */
export const pixels = (count: number, description: string) => ({
  type: "array",
  items: { type: "integer" },
  minItems: count,
  maxItems: count,
  description,
});

/** @param definition with the version in its type, the size of the display, its number, and whether it can zoom */
function describeComputer(definition: JsonObject): ClientTool {
  const { type, display_width_px: width, display_height_px: height, display_number: display } = definition;
  const isFirst = type === "computer_20241022";
  const canZoom = definition.enable_zoom === true;
  const screen = [
    ...(width !== undefined && height !== undefined ? [`The screen is ${width} by ${height} pixels.`] : []),
    ...(display != null ? [`It is display number ${display}.`] : []),
  ];
  return {
    description: [
      "Use a computer by its mouse, keyboard and screen. Take a screenshot to see what an action did.",
      ...screen,
    ].join(" "),
    schema: {
      type: "object",
      properties: {
        action: {
          type: "string",
          enum: [...firstActions, ...(isFirst ? [] : laterActions), ...(canZoom ? ["zoom"] : [])],
          description: "What to do",
        },
        coordinate: pixels(2, "[x, y] from the upper left corner: where to click, move, scroll or drag to"),
        text: text(
          "Text for type; a key or combination such as ctrl+s for key and hold_key; keys held down for a click or scroll",
        ),
        ...(!isFirst && {
          start_coordinate: pixels(2, "[x, y] where left_click_drag begins"),
          scroll_direction: {
            type: "string",
            enum: ["up", "down", "left", "right"],
            description: "For scroll",
          },
          scroll_amount: line("Clicks of the wheel, for scroll"),
          duration: { type: "number", description: "Seconds, for wait and hold_key" },
        }),
        ...(canZoom && { region: pixels(4, "[x0, y0, x1, y1] of the screen to look at closely, for zoom") }),
      },
      required: ["action"],
    },
  };
}

/** Families that only Anthropic's servers run. */
const serverFamilies: readonly RegExp[] = [
  /^(web_search|web_fetch|code_execution|advisor|mcp_toolset)$/,
  toolSearch,
];

/** Whether Anthropic's servers run the tools of a family; false for an unknown one. */
export function isServerTool(family: string): boolean {
  return serverFamilies.some((known) => known.test(family));
}

/** Whether it is Anthropic's tool search, in either variant. */
export function isToolSearch(family: string): boolean {
  return toolSearch.test(family);
}

/** The function that represents a tool; undefined if the client cannot run it, or it is unknown. */
export function findClientTool({
  family,
  name,
  definition,
}: Pick<TypedTool, "family" | "name" | "definition">): ClientTool | undefined {
  switch (family) {
    case "bash":
      return bash;
    case "text_editor":
      return name === "str_replace_editor" ? olderEditor : textEditor;
    case "memory":
      return memory;
    case "computer":
      return describeComputer(definition);
    default:
      return undefined;
  }
}
