import { describe, expect, test } from "bun:test";
import type { ChatRequest } from "../../../src/upstream/openai-chat/wire.ts";
import {
  assistant,
  call,
  image,
  imagePart,
  marked,
  type Row,
  result,
  tool,
  user,
  writeChat,
  writeRow,
  writtenFor,
} from "../../support/chat-requests.ts";

describe("tools", () => {
  test("are functions with an object at the root, without annotations, keys in order", () => {
    const schema = {
      $schema: "x",
      type: "object",
      required: ["b"],
      properties: { b: { type: "string" }, a: {} },
      additionalProperties: false,
    };
    const { tools } = writeChat({
      tools: [
        tool("T", { description: "d", input_schema: schema, ...marked, strict: true }),
        tool("U", { input_schema: {} }),
      ],
    });
    expect(JSON.stringify(tools)).toBe(
      '[{"type":"function","function":{"name":"T","description":"d","parameters":{"type":"object","required":["b"],"properties":{"b":{"type":"string"},"a":{}},"additionalProperties":false}}},' +
        '{"type":"function","function":{"name":"U","parameters":{"type":"object","properties":{}}}}]',
    );
  });

  test("without tools there are no fields about tools", () => {
    const { tools, tool_choice, parallel_tool_calls } = writeChat({
      tools: [],
      tool_choice: { type: "auto", disable_parallel_tool_use: true },
    });
    expect([tools, tool_choice, parallel_tool_calls]).toEqual([undefined, undefined, undefined]);
  });

  test("Claude Code's placeholder tool is left out", () => {
    expect(
      writeChat({ tools: [tool("DeferredToolPlaceholder", { defer_loading: true }), tool("Read")] }).tools,
    ).toHaveLength(1);
  });

  test("long names are shortened everywhere and mapped back", () => {
    const long = `mcp__${"server_".repeat(12)}_tool.v1`;
    const written = writtenFor({
      tools: [tool(long)],
      tool_choice: { type: "tool", name: long },
      messages: [user("a"), assistant(call("t1", long)), user(result("t1", "x"))],
    });
    const chat: ChatRequest = JSON.parse(String(written.body));
    const short = chat.tools?.[0]?.function.name ?? "";
    expect(short).toMatch(/^[\w-]{64}$/);
    expect(chat.tool_choice).toEqual({ type: "function", function: { name: short } });
    expect(chat.messages[1]).toMatchObject({ tool_calls: [{ function: { name: short } }] });
    expect(written.clientToolName(short)).toMatchObject({ name: long });
    expect(written.clientToolName("Read")).toMatchObject({ name: "Read" });
  });

  test("client tools become functions, server tools are left out and named", () => {
    const written = writtenFor({
      tools: [
        { type: "bash_20250124", name: "bash" },
        { type: "text_editor_20250728", name: "str_replace_based_edit_tool" },
        { type: "memory_20250818", name: "memory" },
        { type: "web_search_20990101", name: "web_search" },
      ],
    });
    const chat: ChatRequest = JSON.parse(String(written.body));
    expect(chat.tools?.map((one) => one.function.name)).toEqual([
      "bash",
      "str_replace_based_edit_tool",
      "memory",
    ]);
    expect(chat.tools?.[1]?.function.parameters).toMatchObject({
      properties: { insert_text: { type: "string" } },
      required: ["command"],
    });
    expect(written.notes).toEqual([
      "left out tool web_search, which this backend does not run; SEARCH_API names a service that can",
    ]);
  });

  test("unknown tools are left out and named", () => {
    const tools = [
      { type: "teleport_20300101", name: "teleport" },
      { type: "mcp_toolset", mcp_server_name: "s" },
      { type: "web_fetch_20250910", name: "web_fetch", max_uses: 5 },
    ];
    const written = writtenFor({ tools, tool_choice: { type: "tool", name: "teleport" } });
    expect(JSON.parse(String(written.body))).not.toHaveProperty("tools");
    expect(written.notes).toEqual([
      "left out tool teleport, whose type is not known",
      "left out tool mcp_toolset, which only Anthropic's servers run",
      "left out tool web_fetch, which this backend does not run",
    ]);
  });

  describe("a toolset", () => {
    const computer = { type: "computer_toolset_20260801" };
    const browser = { type: "browser_toolset_20260801" };
    const member = (id: string, name: string, toolset_name: string, input = {}) => ({
      ...call(id, name, input),
      toolset_name,
    });

    test("becomes one function a member, mapped back with the toolset's name", () => {
      const written = writtenFor({ tools: [computer] });
      const chat: ChatRequest = JSON.parse(String(written.body));
      expect(chat.tools).toHaveLength(17);
      expect(chat.tools?.find((one) => one.function.name === "zoom")?.function.parameters).toMatchObject({
        properties: { region: { type: "array" } },
        required: ["region"],
      });
      expect(written.clientToolName("screenshot")).toMatchObject({ name: "screenshot", toolset: "computer" });
    });

    test("that shares names with another gets prefixed names, in history and tool choice too", () => {
      const chat = writeChat({
        tools: [computer, browser],
        tool_choice: { type: "tool", name: "navigate" },
        messages: [
          user("a"),
          assistant(
            member("t1", "zoom", "browser", { region: [0, 0, 9, 9] }),
            member("t2", "key", "computer"),
          ),
          user(
            result("t1", [image, { type: "browser_state", tabs: [] }], { toolset_name: "browser" }),
            result("t2", "ok", { toolset_name: "computer" }),
          ),
        ],
      });
      const names = chat.tools?.map((one) => one.function.name) ?? [];
      expect(names).toHaveLength(17 + 31);
      expect(new Set(names).size).toBe(names.length);
      expect(chat.tool_choice).toEqual({ type: "function", function: { name: "navigate" } });
      expect(chat.messages[1]).toMatchObject({
        tool_calls: [
          { function: { name: "browser_zoom", arguments: '{"region":[0,0,9,9]}' } },
          { function: { name: "computer_key" } },
        ],
      });
      expect(chat.messages[2]).toMatchObject({ role: "tool", tool_call_id: "t1" });
      expect(JSON.stringify(chat.messages[2])).toContain("tabs");
      expect(chat.messages[4]).toMatchObject({
        content: [{ text: "Attached to the result of browser_zoom:" }, imagePart],
      });
    });

    test("fits every backend", () => {
      for (const backend of ["openai", "gemini", "moonshot", "openrouter"] as const) {
        const { tools } = writeChat({ tools: [browser] }, { backend });
        const target = tools?.find((one) => one.function.name === "left_click")?.function.parameters
          .properties;
        expect(JSON.stringify(target)).toContain("ref");
      }
    });

    test("that was removed leaves its calls in the history", () => {
      const chat = writeChat({
        tools: [tool("zoom")],
        messages: [user("a"), assistant(member("t1", "zoom", "computer")), user(result("t1", "x"))],
      });
      expect(chat.messages[1]).toMatchObject({ tool_calls: [{ function: { name: "computer_zoom" } }] });
    });
  });
});

describe("tools", () => {
  const branched = {
    anyOf: [{ properties: { a: { type: ["string", "null"] } }, additionalProperties: false }],
  };
  const parametersFor = (row: Row) =>
    writeRow({ tools: [{ name: "T", input_schema: branched }] }, row).tools?.[0]?.function.parameters;

  test("schemas have the form that the backend takes", () => {
    const merged = { type: "object", properties: { a: { type: ["string", "null"] } } };
    expect(parametersFor(["openai"])).toEqual(merged);
    expect(parametersFor(["openrouter"])).toEqual(merged);
    expect(parametersFor(["moonshot"])).toEqual(merged);
    expect(parametersFor(["gemini"])).toEqual({
      type: "object",
      properties: { a: { type: "string", nullable: true } },
    });
    expect(parametersFor(["vllm"])).toEqual({ ...branched, type: "object", properties: {} });
  });

  test("strict is sent only for a strict schema", () => {
    const schema = { type: "object", properties: { a: {} }, required: ["a"], additionalProperties: false };
    const strict = (input_schema: object, row: Row) =>
      writeRow({ tools: [{ name: "T", input_schema, strict: true }] }, row).tools?.[0]?.function.strict;
    expect(strict(schema, ["openai"])).toBe(true);
    expect(strict({ ...schema, required: [] }, ["openai"])).toBeUndefined();
    expect(strict(schema, ["moonshot"])).toBeUndefined();
  });

  test("tools over the limit are left out with a note", () => {
    const many = Array.from({ length: 130 }, (_, at) => tool(`mcp__s__t${at}`));
    const written = writtenFor({ tools: [...many, tool("Read")] }, { backend: "openai", model: "gpt-4.1" });
    const names =
      (JSON.parse(String(written.body)) as ChatRequest).tools?.map((one) => one.function.name) ?? [];
    expect([names.length, names.at(-1), names.includes("mcp__s__t127")]).toEqual([128, "Read", false]);
    expect(written.notes).toEqual(["left out 3 of 131 tools: the backend takes 128"]);
    expect(writeRow({ tools: many }, ["vllm"]).tools).toHaveLength(130);
  });

  test("a tool that was called, found by a search or is required now is kept", () => {
    const many = Array.from({ length: 140 }, (_, at) => tool(`mcp__s__t${at}`));
    const messages = [
      user("a"),
      assistant(call("t1", "mcp__s__t139")),
      user(result("t1", [{ type: "tool_reference", tool_name: "mcp__s__t138" }])),
    ];
    const tool_choice = { type: "tool", name: "mcp__s__t137" };
    const names = writeRow({ tools: many, messages, tool_choice }, ["azure"]).tools?.map(
      (one) => one.function.name,
    );
    expect(names).toHaveLength(128);
    expect(names?.slice(-4)).toEqual(["mcp__s__t124", "mcp__s__t137", "mcp__s__t138", "mcp__s__t139"]);
  });

  test("extra fields are sent with tools", () => {
    expect(writeRow({ tools: [tool("A")] }, ["zai", "glm-4.7"])).toMatchObject({ tool_stream: true });
    expect(writeRow({}, ["zai", "glm-4.7"])).not.toHaveProperty("tool_stream");
    expect(writeRow({ tools: [tool("A")] }, ["zai", "glm-4.5"])).not.toHaveProperty("tool_stream");
  });
});
