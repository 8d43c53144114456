/**
 * Anthropic's toolsets: one entry in the tool list represents a family of tools, each of which the model calls by its
 * own name. Source of members and arguments: the types `BetaComputer…Input` and `BetaBrowser…Input` of
 * `@anthropic-ai/sdk`, which `test/anthropic/tools/find-toolset.test.ts` compares with these tables. The default members are
 * documented for the computer only (all of them); the browser's are assumed to be on as well.
 */
import { isObject, type JsonObject } from "../../lib/json.ts";
import type { TypedTool } from "../wire.ts";
import { type ClientTool, pixels } from "./find-client-tool.ts";

type Toolset = {
  /** The `toolset_name` of calls and results. */
  readonly name: string;
  readonly members: readonly ToolsetMember[];
};
type ToolsetMember = ClientTool & { readonly name: string; readonly isDeferred: boolean };

type Arguments = Readonly<Record<string, JsonObject>>;

const text = (description: string): JsonObject => ({ type: "string", description });
const number = (description: string): JsonObject => ({ type: "number", description });
const count = (description: string): JsonObject => ({ type: "integer", description });
const word = (words: readonly string[], description: string): JsonObject => ({
  type: "string",
  enum: words,
  description,
});
const texts = (description: string): JsonObject => ({
  type: "array",
  items: { type: "string" },
  description,
});
const object = (required: Arguments, optional: Arguments = {}): JsonObject => ({
  type: "object",
  properties: { ...required, ...optional },
  ...(Object.keys(required).length > 0 && { required: Object.keys(required) }),
});

type Members = Readonly<Record<string, ClientTool>>;
const member = (description: string, required: Arguments = {}, optional: Arguments = {}): ClientTool => ({
  description,
  schema: object(required, optional),
});

const directions = ["up", "down", "left", "right"];
const corner = "in pixels from the upper left corner";

const at = { coordinate: pixels(2, `[x, y] ${corner}; the cursor's place when left out`) };
const held = { text: text("Keys to hold down meanwhile, such as ctrl or ctrl+shift") };
const click = (what: string) => member(`${what}, at a point of the screen`, {}, { ...at, ...held });

const computer: Members = {
  key: member(
    "Press a key or a combination such as ctrl+s",
    { text: text("The key or combination, as Return, Page_Down, alt+Tab") },
    { repeat: count("How often; once when left out") },
  ),
  hold_key: member("Hold a key or combination down for some time", {
    duration: number("Seconds"),
    text: text("The key or combination"),
  }),
  type: member("Type text on the keyboard", { text: text("What to type") }),
  cursor_position: member("Report where the cursor is"),
  mouse_move: member("Move the cursor without a click", { coordinate: pixels(2, `[x, y] ${corner}`) }),
  left_mouse_down: member("Press the left mouse button and hold it, where the cursor is"),
  left_mouse_up: member("Let go of the left mouse button"),
  left_click: click("Click the left mouse button"),
  left_click_drag: member(
    "Drag from one point of the screen to another with the left mouse button",
    {
      coordinate: pixels(2, `[x, y] of the end, ${corner}`),
      start_coordinate: pixels(2, `[x, y] of the beginning, ${corner}`),
    },
    held,
  ),
  right_click: click("Click the right mouse button"),
  middle_click: click("Click the middle mouse button"),
  double_click: click("Double-click the left mouse button"),
  triple_click: click("Triple-click the left mouse button"),
  scroll: member(
    "Turn the mouse wheel, at a point of the screen",
    { scroll_amount: count("Clicks of the wheel"), scroll_direction: word(directions, "Where to") },
    { ...at, ...held },
  ),
  wait: member("Wait", { duration: number("Seconds") }),
  screenshot: member("Take a screenshot of the screen"),
  zoom: member("Look closely at a part of the screen", {
    region: pixels(4, "[x0, y0, x1, y1] in pixels of a whole screenshot"),
  }),
};

const tab_id = text("The tab to act on; the active one when left out");
const point = {
  ...object({
    type: { type: "string", enum: ["coordinate"] },
    x: count("From the left"),
    y: count("From the top"),
  }),
  description: "A point of the viewport, in pixels",
};
const element = {
  ...object({
    type: { type: "string", enum: ["ref"] },
    ref: text("As reported by read_page or find, such as ref_7"),
  }),
  description: "An element of the page",
};
const pointOrElement = { anyOf: [point, element], description: "A point of the viewport or an element" };
const modifiers = text("Keys to hold down meanwhile, such as shift or ctrl+shift");

const inTab = (description: string, required: Arguments = {}, optional: Arguments = {}) =>
  member(description, required, { ...optional, tab_id });
const clickTab = (what: string) =>
  inTab(`${what}, at a point or on an element`, { target: pointOrElement }, { modifiers });

const browser: Members = {
  navigate: inTab("Go to an address, or through the history", {
    url: text("The address, or back, forward, reload"),
  }),
  list_tabs: member("List the open tabs with their ids, titles and addresses"),
  new_tab: member("Open an empty tab and return its id"),
  switch_tab: member("Make a tab the active one", { tab_id: text("The tab") }),
  close_tab: member("Close a tab", { tab_id: text("The tab") }),
  read_page: inTab(
    "Read the page as a tree of elements with references, to act on by ref",
    {},
    {
      depth: count("Levels of the tree, 15 when left out"),
      filter: word(["all", "interactive"], "Only what one can act on, or also what is out of view"),
      ref: text("Where to begin; the whole page when left out"),
    },
  ),
  get_page_text: inTab("Read the text of the page, for articles and the like"),
  read_console: inTab("Read what the console has said since the last look"),
  read_network: inTab("List the network requests since the last look"),
  find: inTab("Find up to 20 elements that a description fits", {
    query: text("What to look for, in words"),
  }),
  form_input: inTab("Set the value of a form's element", {
    target: element,
    value: {
      anyOf: [{ type: "string" }, { type: "number" }, { type: "boolean" }],
      description: "A boolean for a checkbox, the option or its text for a select",
    },
  }),
  file_upload: inTab(
    "Put files into a file input; needs paths or document_ids",
    { target: element },
    { document_ids: texts("Ids of files that lie ready"), paths: texts("Paths where the browser runs") },
  ),
  scroll_to: inTab("Scroll an element into view", { target: element }),
  screenshot: inTab("Take a screenshot of the viewport"),
  zoom: inTab("Look closely at a part of the viewport", { region: pixels(4, "[x0, y0, x1, y1] in pixels") }),
  left_click: clickTab("Click the left mouse button"),
  right_click: clickTab("Click the right mouse button"),
  middle_click: clickTab("Click the middle mouse button"),
  double_click: clickTab("Double-click the left mouse button"),
  triple_click: clickTab("Triple-click the left mouse button"),
  hover: inTab("Move the pointer to a point or an element without a click", { target: pointOrElement }),
  left_click_drag: inTab("Drag from one point to another with the left mouse button", {
    from: point,
    target: point,
  }),
  left_mouse_down: inTab("Press the left mouse button at a point and hold it", { target: point }),
  left_mouse_up: inTab("Let go of the left mouse button at a point", { target: point }),
  mouse_move: inTab("Move the pointer to a point without a click", { target: point }),
  scroll: inTab(
    "Turn the mouse wheel at a point",
    { scroll_direction: word(directions, "Where to"), target: point },
    { scroll_amount: count("Notches of the wheel, 1 to 10, 3 when left out") },
  ),
  type: inTab("Type text where the focus is", { text: text("What to type") }),
  key: inTab(
    "Press keys, combinations such as ctrl+a, or several with spaces between",
    { text: text("What to press") },
    { repeat: count("How often; once when left out") },
  ),
  hold_key: inTab("Hold a key or combination down for some time", {
    duration: number("Seconds, at most 30"),
    text: text("The key or combination"),
  }),
  wait: inTab("Wait", { duration: number("Seconds, at most 30") }),
  javascript_exec: inTab("Run JavaScript in the page and return the value of the last expression", {
    text: text("The code, without return"),
  }),
};

const toolsets: ReadonlyMap<string, { readonly name: string; readonly members: Members }> = new Map([
  ["computer_toolset", { name: "computer", members: computer }],
  ["browser_toolset", { name: "browser", members: browser }],
]);

/** The members that the client has not switched off; undefined if it is none of our toolsets. */
export function findToolset({
  family,
  definition,
}: Pick<TypedTool, "family" | "definition">): Toolset | undefined {
  const toolset = toolsets.get(family);
  if (!toolset) return undefined;
  const members = Object.entries(toolset.members).flatMap(([name, tool]): ToolsetMember[] => {
    const { enabled, defer_loading } = configOf(definition, name);
    return enabled === false
      ? []
      : [{ name, ...tool, isDeferred: (defer_loading ?? definition.defer_loading) === true }];
  });
  return { name: toolset.name, members };
}

function configOf({ configs }: JsonObject, name: string): JsonObject {
  const config = isObject(configs) ? configs[name] : undefined;
  return isObject(config) ? config : {};
}
