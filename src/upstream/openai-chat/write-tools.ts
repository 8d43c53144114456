/** Tools and the choice among them, as functions. */
import type { CustomTool, MessagesRequest, Tool } from "../../anthropic/wire.ts";
import { ProxyError } from "../../errors.ts";
import type { Plan } from "../../plan/plan.ts";
import { findClientTool } from "../client-tools.ts";
import type { ToolNames } from "../tool-names.ts";
import { cleanSchema } from "../tool-schema.ts";
import type { ChatRequest, FunctionTool } from "./wire.ts";

type ToolFields = Pick<ChatRequest, "tools" | "tool_choice" | "parallel_tool_calls">;

/** Claude Code's stand-in for tools it has not loaded yet; no model must ever call it. */
const placeholder = "DeferredToolPlaceholder";

/**
 * The fields about tools; none when there are no tools, since OpenAI, vLLM and others refuse an empty list and a
 * choice without one.
 *
 * @throws ProxyError `invalid-request` when the chosen tool is not among the tools
 */
export function writeTools(plan: Plan, names: ToolNames, note: (words: string) => void): ToolFields {
  const { quirks, request } = plan;
  const tools = (request.tools ?? []).flatMap((tool) => writeTool(tool, plan, names, note));
  if (tools.length === 0) return rebuildTools(request, plan, names);
  const choice = writeChoice(plan, tools, names);
  const isSerial =
    request.tool_choice?.type !== "none" && request.tool_choice?.disable_parallel_tool_use === true;
  return {
    ...choice,
    ...(isSerial && choice.tools && quirks.parallelToolCalls && { parallel_tool_calls: false as const }),
  };
}

function writeTool(tool: Tool, plan: Plan, names: ToolNames, note: (words: string) => void): FunctionTool[] {
  if (tool.name === placeholder) return [];
  if (tool.type === "custom") return [writeCustomTool(tool, plan, names)];
  const { family, name } = tool;
  const known = name === undefined ? undefined : findClientTool(family, name);
  if (name === undefined || !known) {
    note(`left out tool ${name ?? family}, which only Anthropic's servers run`);
    return [];
  }
  const { description, schema: parameters } = known;
  return [{ type: "function", function: { name: names.toUpstream(name), description, parameters } }];
}

function writeCustomTool(tool: CustomTool, { quirks }: Plan, names: ToolNames): FunctionTool {
  return {
    type: "function",
    function: {
      name: names.toUpstream(tool.name),
      ...(tool.description && { description: tool.description }),
      parameters: cleanSchema(tool.input_schema),
      ...(tool.strict && quirks.strictTools && { strict: true }),
    },
    ...(tool.cache_control && quirks.cacheControl && { cache_control: tool.cache_control }),
  };
}

function writeChoice(
  plan: Plan,
  tools: FunctionTool[],
  names: ToolNames,
): Pick<ChatRequest, "tools" | "tool_choice"> {
  const { quirks } = plan;
  const choice = plan.request.tool_choice;
  switch (choice?.type) {
    case undefined:
    case "auto":
      return { tools };
    case "none":
      return quirks.toolChoiceNone === "none" ? { tools, tool_choice: "none" } : {};
    case "any":
      return { tools, tool_choice: quirks.toolChoiceAny };
    case "tool": {
      const name = names.toUpstream(choice.name);
      const chosen = tools.filter((tool) => tool.function.name === name);
      if (chosen.length === 0) {
        throw new ProxyError(
          "invalid-request",
          `tool_choice: Tool '${choice.name}' not found in provided tools`,
        );
      }
      if (quirks.toolChoiceNamed === "function")
        return { tools, tool_choice: { type: "function", function: { name } } };
      return quirks.toolChoiceNamed === "only-tool"
        ? { tools: chosen, tool_choice: quirks.toolChoiceAny }
        : { tools };
    }
  }
}

/**
 * A conversation that used tools and offers none now: several servers refuse calls of functions they were not told
 * of, so the names are told, and calling them is forbidden.
 */
function rebuildTools(request: MessagesRequest, { quirks }: Plan, names: ToolNames): ToolFields {
  const used = new Set<string>();
  for (const message of request.messages) {
    for (const block of message.content)
      if (block.type === "tool_use") used.add(names.toUpstream(block.name));
  }
  if (used.size === 0 || quirks.toolChoiceNone !== "none") return {};
  const parameters = { type: "object", properties: {} };
  return {
    tools: [...used].map((name) => ({ type: "function", function: { name, parameters } })),
    tool_choice: "none",
  };
}
