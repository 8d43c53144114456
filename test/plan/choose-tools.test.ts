import { describe, expect, test } from "bun:test";
import type { CallableTool } from "../../src/plan/read-tool.ts";
import { createTokenCounter } from "../../src/plan/size/tokens.ts";
import { assistant, call, result, tool, user, writeChat } from "../support/chat-requests.ts";
import { planFor } from "../support/plans.ts";
import { ask } from "../support/proxy.ts";

type Backend = NonNullable<Parameters<typeof planFor>[1]>["backend"];

const plan = (body: Record<string, unknown>, backend?: Backend) => planFor(ask(body), { backend });
const namesOf = (functions: readonly CallableTool[]) => functions.map(({ name }) => name);

describe("more tools than the backend takes", () => {
  const fromServer = Array.from({ length: 128 }, (_, i) =>
    tool(`mcp__s__t${i}`, { description: "x ".repeat(i) }),
  );
  const own = Array.from({ length: 100 }, (_, i) => tool(`Own${i}`, { description: "y ".repeat(500) }));
  const tools = [...fromServer, ...own];

  test("the tools that are sent are the tools that count", async () => {
    const { functions, notes } = plan({ tools }, "openai").toolUse;
    const sent = writeChat({ tools }, { backend: "openai" }).tools?.map((one) => one.function.name);
    expect(namesOf(functions)).toEqual(sent ?? []);
    expect(namesOf(functions)).toEqual([...fromServer.slice(0, 28), ...own].map(({ name }) => name));
    expect(notes).toEqual(["left out 100 of 228 tools: the backend takes 128"]);

    const kept = [...fromServer.slice(0, 28), ...own];
    const { count, estimate } = createTokenCounter();
    expect(await count(plan({ tools }, "openai"))).toBe(await count(plan({ tools: kept }, "openai")));
    expect(estimate(plan({ tools }, "openai"))).toEqual(estimate(plan({ tools: kept }, "openai")));
  });

  test("tools that were called or found stay", () => {
    const reference = { type: "tool_reference", tool_name: "mcp__s__t101" };
    const messages = [user("Hi"), assistant(call("t1", "mcp__s__t100")), user(result("t1", [reference]))];
    const chosen = { type: "tool", name: "mcp__s__t102" };
    const names = namesOf(plan({ tools, messages, tool_choice: chosen }, "openai").toolUse.functions);
    expect(names).toHaveLength(128);
    expect(names).toContain("mcp__s__t100");
    expect(names).toContain("mcp__s__t101");
    expect(names).toContain("mcp__s__t102");
  });
});

describe("tools that a request does not carry do not count", () => {
  const tools = [tool("Read", { description: "Reads a file" }), tool("Write")];
  const search = { type: "web_search_20260209", name: "web_search" };
  const tokens = (body: Record<string, unknown>, backend: Backend) => plan(body, backend).size().tokens;

  test("all but the chosen one, where a choice cannot be named", () => {
    const tool_choice = { type: "tool", name: "Write" };
    const { functions, choice } = plan({ tools, tool_choice }, "mistral").toolUse;
    expect([namesOf(functions), choice?.type]).toEqual([["Read", "Write"], "tool"]);
    const alone = plan({ tools, tool_choice }, "lmstudio").toolUse;
    expect([namesOf(alone.functions), alone.choice?.type]).toEqual([["Write"], "any"]);
    expect(tokens({ tools, tool_choice }, "lmstudio")).toBe(tokens({ tools: [tool("Write")] }, "lmstudio"));
  });

  test("those beside a search that takes none", () => {
    const chosen = { tools: [search, ...tools], tool_choice: { type: "tool", name: "web_search" } };
    expect(plan(chosen, "qwen").toolUse.functions).toEqual([]);
    expect(tokens(chosen, "qwen")).toBe(tokens({}, "qwen"));
  });

  test("and the names of past calls do, where they are sent", () => {
    const messages = [user("Hi"), assistant(call("t1", "Read")), user(result("t1", "x"))];
    const { functions, choice } = plan({ messages }).toolUse;
    expect([namesOf(functions), choice]).toEqual([["Read"], { type: "none" }]);
    expect(plan({ messages }, "ollama").toolUse.functions).toEqual([]);
  });
});

test("a chosen tool that is not there is refused before anything is sent", () => {
  expect(() => plan({ tools: [tool("Read")], tool_choice: { type: "tool", name: "Wrte" } })).toThrow(
    "tool_choice: Tool 'Wrte' not found in provided tools",
  );
});
