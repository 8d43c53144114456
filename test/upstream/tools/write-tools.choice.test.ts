/** Whether a tool must be called, and which. */
import { describe, expect, test } from "bun:test";
import type { ChatRequest } from "../../../src/upstream/openai-chat/wire.ts";
import {
  assistant,
  call,
  type Row,
  result,
  titleOf,
  tool,
  user,
  writeChat,
  writeRow,
} from "../../support/chat-requests.ts";
import type { PlanChanges } from "../../support/plans.ts";

const tools = [tool("A"), tool("B")];

test("tool_choice is translated", () => {
  const choose = (tool_choice: object, backend: PlanChanges["backend"] = "generic") =>
    writeChat({ tools: [tool("A"), tool("B")], tool_choice }, { backend });
  expect(choose({ type: "auto" }).tool_choice).toBeUndefined();
  expect(choose({ type: "any" }).tool_choice).toBe("required");
  expect(choose({ type: "any" }, "mistral").tool_choice).toBe("any");
  expect(choose({ type: "any" }, "zai").tool_choice).toBe("auto");
  expect(choose({ type: "none" }).tool_choice).toBe("none");
  expect(choose({ type: "none" }, "zai").tools).toBeUndefined();
  expect(choose({ type: "tool", name: "A" }).tool_choice).toEqual({
    type: "function",
    function: { name: "A" },
  });
  expect(choose({ type: "tool", name: "A" }, "llamacpp")).toMatchObject({
    tool_choice: "required",
    tools: [{ function: { name: "A" } }],
  });
  expect(() => choose({ type: "tool", name: "C" })).toThrow("Tool 'C' not found");
});

test("tool_choice none is sent, or the tools are left out", () => {
  const none = { tools, tool_choice: { type: "none" } };
  for (const backend of ["ollama", "llamacpp", "zai", "minimax"] as const)
    expect(writeChat(none, { backend })).not.toHaveProperty("tools");
  for (const backend of ["openai", "vllm", "moonshot", "qwen", "generic"] as const)
    expect(writeChat(none, { backend })).toMatchObject({ tool_choice: "none" });
});

test("parallel calls are disabled where the backend has a field for it", () => {
  const serial = { tools: [tool("A")], tool_choice: { type: "auto", disable_parallel_tool_use: true } };
  expect(writeChat(serial).parallel_tool_calls).toBe(false);
  expect(writeChat(serial, { backend: "ollama" })).not.toHaveProperty("parallel_tool_calls");
  expect(writeChat({ tools: [tool("A")] })).not.toHaveProperty("parallel_tool_calls");
});

test("calls in the history without tools in the request give their names, and tool_choice none", () => {
  const chat = writeChat({ messages: [user("a"), assistant(call("t1", "Gone")), user(result("t1", "x"))] });
  expect(chat).toMatchObject({ tools: [{ function: { name: "Gone" } }], tool_choice: "none" });
});

describe("a required tool call", () => {
  const named = { type: "function", function: { name: "A" } };
  const rows: [Row, any: unknown, tool: unknown][] = [
    [["openrouter"], "required", named],
    [["openai", "gpt-4.1"], "required", named],
    [["azure"], "required", named],
    [["xai"], "required", named],
    [["deepseek"], "required", named],
    [["gemini"], "required", named],
    [["mistral"], "any", named],
    [["groq"], "required", named],
    [["vllm"], "required", named],
    [["llamacpp"], "required", "required"],
    [["lmstudio"], "required", "required"],
    [["moonshot", "kimi-k2.5"], "required", named],
    [["moonshot", "kimi-k3"], "required", named],
    [["generic"], "required", named],
    // Only in words
    [["moonshot", "kimi-k2-thinking"], "auto", "auto"],
    [["moonshot", "kimi-k2.6"], "auto", named],
    [["zai"], "auto", "auto"],
    [["qwen"], "auto", named],
    [["ollama"], undefined, undefined],
    [["minimax"], undefined, undefined],
  ];
  test.each(rows.map(([row, any, one]) => [titleOf(row), row, any, one] as const))(
    "%s",
    (_, row, any, one) => {
      const anyTool = writeRow({ tools, tool_choice: { type: "any" } }, row);
      expect(anyTool.tool_choice).toEqual(any as typeof anyTool.tool_choice);
      expect(anyTool.tools).toHaveLength(2);
      const isAsked = (choice: unknown) => choice === "auto" || choice === undefined;
      const lastWords = ({ messages }: ChatRequest) => JSON.stringify(messages.at(-1)?.content);
      expect(lastWords(anyTool).includes("Call one of the tools now")).toBe(isAsked(any));

      const oneTool = writeRow({ tools, tool_choice: { type: "tool", name: "A" } }, row);
      expect(oneTool.tool_choice).toEqual(one as typeof oneTool.tool_choice);
      expect(oneTool.tools).toHaveLength(one === "required" ? 1 : 2);
      expect(lastWords(oneTool).includes("Call the tool A now")).toBe(isAsked(one));
    },
  );

  test("where reasoning excludes forced calls, a call is forced without reasoning or requested in the prompt", () => {
    const tool_choice = { type: "any" };
    for (const row of [["deepseek"], ["moonshot", "kimi-k2.5"]] as const) {
      expect(writeRow({ tools, tool_choice }, row)).toMatchObject({
        thinking: { type: "disabled" },
        tool_choice: "required",
      });
      const reasons = writeRow({ tools, tool_choice, thinking: { type: "adaptive" } }, row);
      expect(reasons).toMatchObject({ thinking: { type: "enabled" }, tool_choice: "auto" });
      expect(reasons.messages.at(-1)?.content).toContain("Call one of the tools now");
    }
    expect(writeRow({ tools, tool_choice: { type: "tool", name: "A" } }, ["qwen"])).toMatchObject({
      enable_thinking: false,
    });
  });
});
