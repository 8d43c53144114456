import { expect, test } from "bun:test";
import { countTokensRequest } from "../../src/anthropic/wire.ts";
import { createToolTrack, loadTool, trackBlock } from "../../src/plan/track-tools.ts";

const tool = (name: string, more: object = {}) => ({ name, input_schema: { type: "object" }, ...more });
const later = (name: string) => tool(name, { defer_loading: true });
const call = (name: string, more: object = {}) => ({ type: "tool_use", id: "t1", name, input: {}, ...more });
const reference = (name: string) => ({ type: "tool_reference", name });
const computer = { type: "computer_toolset_20260801" };

/** The track of a conversation with these blocks. */
function track(tools: readonly object[], ...blocks: readonly object[]) {
  const messages = blocks.map((block) => ({ role: "user", content: [block] }));
  const request = countTokensRequest.parse({
    model: "m",
    messages: [{ role: "user", content: "Hello" }, ...messages],
    tools,
  });
  const track = createToolTrack(request.tools ?? [], []);
  for (const { content } of request.messages) for (const block of content) trackBlock(track, block);
  return track;
}
const namesOf = (
  all: ReturnType<typeof track>,
  isMeant: (tool: { loadedAt: number | undefined; isRemoved: boolean; isUsed: boolean }) => boolean,
) => [...all.tools.values()].filter(isMeant).map((one) => one.tool.name);
const loaded = (all: ReturnType<typeof track>) => namesOf(all, ({ loadedAt }) => loadedAt !== undefined);

test("declared tools are known, those of Anthropic's servers apart", () => {
  const all = track([tool("a"), { type: "web_search_20250305", name: "web_search" }]);
  expect([...all.tools.keys()]).toEqual(["/a"]);
  expect(all.unrunnable.map(({ name }) => name)).toEqual(["web_search"]);
});

test("the placeholder of Claude Code is no tool", () => {
  expect(track([tool("DeferredToolPlaceholder")]).tools.size).toBe(0);
});

test("a call uses its tool and loads it, in the order of first mentions", () => {
  const all = track([later("a"), later("b"), later("c")], call("b"), call("a"), call("b"));
  expect(namesOf(all, ({ isUsed }) => isUsed)).toEqual(["a", "b"]);
  expect([...all.tools.values()].map(({ loadedAt }) => loadedAt)).toEqual([1, 0, undefined]);
});

test("references in results load tools", () => {
  const result = {
    type: "tool_result",
    tool_use_id: "t1",
    content: [{ type: "tool_reference", tool_name: "a" }],
  };
  const search = {
    type: "tool_search_tool_result",
    tool_use_id: "srvtoolu_1",
    content: {
      type: "tool_search_tool_search_result",
      tool_references: [{ type: "tool_reference", tool_name: "b" }],
    },
  };
  expect(loaded(track([later("a"), later("b"), later("c")], result, search))).toEqual(["a", "b"]);
});

test("an addition may define a tool anew, and a removal keeps it known", () => {
  const definition = tool("a", { description: "new" });
  const addition = { type: "tool_addition", tool: { type: "tool_definition", definition } };
  const removal = { type: "tool_removal", tool: reference("b") };
  const all = track([tool("a"), tool("b")], addition, removal);
  expect([...all.tools.values()].map((one) => one.tool.description)).toEqual(["new", undefined]);
  expect(namesOf(all, ({ isRemoved }) => isRemoved)).toEqual(["b"]);
  const back = { type: "tool_addition", tool: reference("b") };
  expect(namesOf(track([tool("b")], removal, back), ({ isRemoved }) => isRemoved)).toEqual([]);
});

test("changes that compaction has summed up count", () => {
  const compaction = {
    type: "compaction",
    content: "x",
    tool_changes: [{ type: "tool_removal", tool: reference("a") }],
  };
  expect(namesOf(track([tool("a")], compaction), ({ isRemoved }) => isRemoved)).toEqual(["a"]);
});

test("a name means the client's own tool, else members of that name, else a whole toolset", () => {
  const members = track([computer]);
  loadTool(members, "zoom");
  expect(loaded(members)).toEqual(["zoom"]);
  const own = track([computer, tool("zoom")]);
  loadTool(own, "zoom");
  expect(own.tools.get("/zoom")?.loadedAt).toBe(0);
  expect(own.tools.get("computer/zoom")?.loadedAt).toBeUndefined();
  const whole = track([computer]);
  loadTool(whole, "computer");
  expect(loaded(whole)).toHaveLength(17);
  loadTool(whole, "none");
  loadTool(whole, "zoom", "browser");
  expect(whole.loads).toBe(17);
});
