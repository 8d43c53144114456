import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { countTokensRequest } from "../../src/anthropic/wire.ts";
import { findTool, findWanted, listTools } from "../../src/plan/list-tools.ts";
import { listOwnTools } from "../../src/plan/own-tools.ts";

const tool = (name: string, more: object = {}) => ({ name, input_schema: { type: "object" }, ...more });
const later = (name: string) => tool(name, { defer_loading: true });
const hello = { role: "user", content: "Hello" };
const call = (name: string, more: object = {}) => ({
  role: "assistant",
  content: [{ type: "tool_use", id: "t1", name, input: {}, ...more }],
});
const found = (...names: string[]) => ({
  role: "user",
  content: [
    {
      type: "tool_result",
      tool_use_id: "t1",
      content: names.map((tool_name) => ({ type: "tool_reference", tool_name })),
    },
  ],
});
const changed = (type: "tool_addition" | "tool_removal", tool: object) => ({
  role: "system",
  content: [{ type, tool }],
});
const added = (name: string) => changed("tool_addition", { type: "tool_reference", name });
const removed = (name: string) => changed("tool_removal", { type: "tool_reference", name });
const defined = (definition: object) => changed("tool_addition", { type: "tool_definition", definition });

const list = (body: object) => {
  const request = countTokensRequest.parse({ model: "m", messages: [hello], ...body });
  return listTools(request, listOwnTools(request, false));
};
const offered = (tools: object[], messages: object[] = [], more: object = {}) =>
  list({ tools, messages: [hello, ...messages], ...more }).offered.map(({ name }) => name);

describe("deferred tools", () => {
  const tools = [later("a"), tool("find"), later("b"), later("c"), tool("z")];

  test("are hidden until something refers to them, then follow in the order of their first reference", () => {
    expect(offered(tools)).toEqual(["find", "z"]);
    expect(offered(tools, [call("find"), found("c", "a")])).toEqual(["find", "z", "c", "a"]);
    expect(offered(tools, [call("find"), found("c"), found("a", "c", "none")])).toEqual([
      "find",
      "z",
      "c",
      "a",
    ]);
  });

  test("are loaded by a call from memory, an addition, a tool choice and the results of Anthropic's search", () => {
    expect(offered(tools, [call("b")])).toEqual(["find", "z", "b"]);
    expect(offered(tools, [added("b")])).toEqual(["find", "z", "b"]);
    expect(offered(tools, [], { tool_choice: { type: "tool", name: "b" } })).toEqual(["find", "z", "b"]);
    const content = { type: "tool_search_tool_search_result", tool_references: [{ tool_name: "b" }, 1] };
    const result = { type: "tool_search_tool_result", tool_use_id: "s", content };
    expect(offered(tools, [{ role: "assistant", content: [result] }])).toEqual(["find", "z", "b"]);
  });

  test("that are hidden are still known", () => {
    const { withheld } = list({ tools });
    expect(withheld.map(({ name }) => name)).toEqual(["a", "b", "c"]);
    expect(findTool(withheld, "a")?.schema).toEqual({ type: "object" });
    expect(findTool(withheld, "none")).toBeUndefined();
  });

  test("of Claude Code are all loaded, even if the conversation no longer refers to them", () => {
    const loaded = [later("CronList"), tool("Read")];
    expect(offered([...loaded, tool("ToolSearch")])).toEqual(["CronList", "Read", "ToolSearch"]);
    expect(offered([later("DeferredToolPlaceholder"), ...loaded])).toEqual(["CronList", "Read"]);
    const system = "x-anthropic-billing-header: cc_version=2.1.330;";
    expect(offered(loaded, [], { system })).toEqual(["CronList", "Read"]);
  });

  test("are found by Anthropic's search, which is offered in its place", () => {
    const search = { type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" };
    expect(offered([tool("first"), search, ...tools])).toEqual(["first", search.name, "find", "z"]);
    expect(offered([search, later("a")])).toEqual([search.name]);
    const request = countTokensRequest.parse({
      model: "m",
      tools: [search, ...tools],
      messages: [hello, call("a"), removed("b")],
    });
    const ownTools = listOwnTools(request, false);
    const { notes, unrunnable, searchable } = listTools(request, ownTools);
    expect(searchable.map(({ name }) => name)).toEqual(["a", "c"]);
    const wanted = [...findWanted(request, ownTools)].map(({ name }) => name);
    expect(wanted.toSorted()).toEqual(["a", search.name]);
    expect([notes, unrunnable]).toEqual([[], []]);
  });

  test("where there is none, a search is not offered", () => {
    const search = { type: "tool_search_tool_regex", name: "tool_search_tool_regex" };
    expect(offered([search, tool("a")])).toEqual(["a"]);
    expect(list({ tools: [search, tool("a")] }).unrunnable).toEqual([]);
  });

  test("are all loaded where nothing could load them", () => {
    expect(offered([later("a"), later("b")])).toEqual(["a", "b"]);
  });

  test("may be Anthropic's own tools and toolsets", () => {
    const typed = { type: "bash_20250124", name: "bash", defer_loading: true };
    expect(offered([tool("find"), typed])).toEqual(["find"]);
    expect(offered([tool("find"), typed], [found("bash")])).toEqual(["find", "bash"]);
    const computer = {
      type: "computer_toolset_20260801",
      configs: { key: { defer_loading: true }, type: { defer_loading: true } },
    };
    const all = offered([{ type: computer.type }]).length;
    expect(offered([tool("find"), computer])).toHaveLength(all - 1);
    expect(offered([tool("find"), computer], [found("computer")])).toHaveLength(all + 1);
    expect(offered([tool("find"), computer], [found("key")]).at(-1)).toBe("key");
  });
});

describe("tool changes inside a conversation", () => {
  test("an added definition is appended, or replaces an older one in place", () => {
    expect(offered([tool("a")], [defined(tool("c")), defined(tool("b"))])).toEqual(["a", "c", "b"]);
    const newer = list({
      tools: [tool("a"), tool("b")],
      messages: [hello, defined(tool("a", { description: "new" }))],
    });
    expect(newer.offered.map(({ name, description }) => [name, description])).toEqual([
      ["a", "new"],
      ["b", undefined],
    ]);
  });

  test("an added definition may be any tool", () => {
    expect(offered([], [defined({ type: "bash_20250124", name: "bash" })])).toEqual(["bash"]);
    expect(
      list({ messages: [hello, defined({ type: "teleport_20300101", name: "t" })] }).unrunnable,
    ).toHaveLength(1);
    expect(offered([tool("a")], [defined({ input_schema: 1 })])).toEqual(["a"]);
  });

  test("a removal hides a tool until it is added again", () => {
    expect(offered([tool("a"), tool("b")], [removed("a")])).toEqual(["b"]);
    expect(offered([tool("a"), tool("b")], [removed("a"), added("a")])).toEqual(["a", "b"]);
    expect(offered([tool("a"), tool("b")], [removed("none")])).toEqual(["a", "b"]);
    expect(offered([tool("a")], [defined(tool("c")), removed("c")])).toEqual(["a"]);
    expect(offered([tool("a")], [removed("a"), defined(tool("a"))])).toEqual(["a"]);
  });

  test("a called tool stays defined after its removal, and is known to be removed", () => {
    const { offered, withdrawn } = list({
      tools: [tool("a"), tool("b")],
      messages: [hello, call("a"), removed("a")],
    });
    expect(offered.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(withdrawn.map(({ name }) => name)).toEqual(["a"]);
  });

  test("changes in a compacted summary count too", () => {
    const compaction = {
      type: "compaction",
      content: "s",
      tool_changes: [removed("a"), defined(tool("c"))].flatMap(({ content }) => content),
    };
    expect(offered([tool("a"), tool("b")], [{ role: "assistant", content: [compaction] }])).toEqual([
      "b",
      "c",
    ]);
  });

  test("unknown changes are ignored", () => {
    const strange = [
      {},
      { tool: null },
      { tool: { type: "mcp_tool_reference", name: "a", server_name: "s" } },
    ];
    const messages = strange.map((rest) => ({
      role: "system",
      content: [{ type: "tool_removal", ...rest }],
    }));
    expect(offered([tool("a")], messages)).toEqual(["a"]);
  });
});

test("the client's own tool has priority over a member of the same name", () => {
  const { offered: both } = list({ tools: [{ type: "computer_toolset_20260801" }, tool("zoom")] });
  expect(findTool(both, "zoom")?.toolset).toBeUndefined();
  expect(findTool(both, "zoom", "computer")?.toolset).toBe("computer");
  expect(findTool(both, "screenshot")?.toolset).toBe("computer");
  expect(findTool(both, "screenshot", "browser")).toBeUndefined();
});

test("a growing conversation only appends tools, unless one is removed", () => {
  const name = fc.constantFrom("a", "b", "c", "d", "find", "new", "key");
  const step = fc.oneof(
    name.map((one) => found(one)),
    name.map((one) => call(one)),
    name.map(added),
    fc.constantFrom("new", "newer").map((one) => defined(tool(one))),
  );
  const tools = [
    later("c"),
    tool("find"),
    later("a"),
    { type: "computer_toolset_20260801" },
    later("b"),
    tool("d"),
  ];
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let before: string[] = [];
      for (let length = 0; length <= steps.length; length++) {
        const now = offered(tools, steps.slice(0, length));
        expect(now.slice(0, before.length)).toEqual(before);
        expect(new Set(now).size).toBe(now.length);
        before = now;
      }
    }),
  );
});

test("tools that no conversation can change are listed as the others are", () => {
  const names = fc.constantFrom("a", "b", "c");
  const declared = fc.oneof(
    names.map((name) => tool(name, { description: `Does ${name}` })),
    fc.constantFrom(
      { type: "bash_20250124", name: "bash" },
      { type: "web_search_20250305", name: "web_search" },
      { type: "future_20990101", name: "future" },
      { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" },
      tool("DeferredToolPlaceholder"),
    ),
  );
  fc.assert(
    fc.property(
      fc.array(declared, { maxLength: 6 }),
      fc.array(names.map((name) => call(name))),
      (tools, calls) => {
        const read = (messages: object[]) =>
          listTools(countTokensRequest.parse({ model: "m", tools, messages: [hello, ...messages] }), []);
        // A change of a tool that is not there is looked into, and changes nothing.
        expect(read(calls)).toEqual(read([...calls, removed("nobody")]));
      },
    ),
  );
});

test("the same tools have the same list, whatever the conversation calls", () => {
  const request = countTokensRequest.parse({ model: "m", tools: [tool("a"), tool("b")], messages: [hello] });
  const { messages } = countTokensRequest.parse({ model: "m", messages: [hello, call("b")] });
  expect(listTools({ ...request, messages }, [])).toBe(listTools(request, []));
  const [a, b] = request.tools ?? [];
  expect(a && b && listTools({ ...request, tools: [a, b] }, [])).toBe(listTools(request, []));
  expect(a && listTools({ ...request, tools: [a] }, []).offered).toHaveLength(1);
});
