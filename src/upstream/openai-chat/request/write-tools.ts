/** Writes tools, and the choice among them, as functions. */

import { isServerTool } from "../../../anthropic/tools/client-tools.ts";
import type { MessagesRequest } from "../../../anthropic/wire.ts";
import { ProxyError } from "../../../errors.ts";
import type { Plan } from "../../../plan/plan.ts";
import { limitTools } from "../../../plan/tool-limit.ts";
import { type CallableTool, findTool } from "../../../plan/tools.ts";
import { isServed } from "../../../plan/web-search.ts";
import { adaptSchema, isStrictSchema } from "../../tools/adapt-schema.ts";
import type { ToolNames } from "../../tools/choose-tool-names.ts";
import type { ChatRequest, FunctionTool } from "../wire.ts";

type ToolFields = Pick<ChatRequest, "tools" | "tool_choice" | "parallel_tool_calls">;

export type WrittenTools = {
  readonly fields: ToolFields;
  /** Instructions for the model, if the backend cannot force a call. */
  readonly instruction?: string;
};

/**
 * The fields about tools. None if there are no tools, because OpenAI, vLLM and others refuse an empty list, or a
 * choice without one.
 *
 * @throws ProxyError `invalid-request` if the chosen tool is not among the tools
 */
export function writeTools(plan: Plan, names: ToolNames, note: (words: string) => void): WrittenTools {
  const { quirks, request } = plan;
  plan.tools.notes.forEach(note);
  for (const tool of plan.tools.unrunnable) {
    if (isServed(tool, plan)) continue;
    const { family, name = family } = tool;
    const reason = isServerTool(family) ? "which only Anthropic's servers run" : "whose type is not known";
    note(`left out tool ${name}, ${reason}`);
  }
  const all = plan.tools.offered.map((tool) => writeTool(tool, plan, names));
  if (all.length === 0) return { fields: rebuildTools(plan, names) };
  const tools = limitTools(all, quirks.tools.max, wantedTools(request, names));
  const left = all.length - tools.length;
  if (left > 0) note(`left out ${left} of ${all.length} tools: the backend takes ${quirks.tools.max}`);
  const { instruction, ...choice } = writeChoice(plan, tools, names);
  if (!choice.tools) return { fields: {} };
  return {
    fields: {
      ...choice,
      ...(plan.serialTools && quirks.tools.parallelCalls && { parallel_tool_calls: false as const }),
      ...quirks.tools.extras,
    },
    ...(instruction !== undefined && { instruction }),
  };
}

function writeTool(tool: CallableTool, { quirks }: Plan, names: ToolNames): FunctionTool {
  const { name, toolset, description, isStrict, cacheControl } = tool;
  const parameters = adaptSchema(tool.schema, quirks.tools.schema);
  return {
    type: "function",
    function: {
      name: names.toUpstream(name, toolset),
      ...(description && { description }),
      parameters,
      ...(isStrict && quirks.tools.strict && isStrictSchema(parameters) && { strict: true }),
    },
    ...(cacheControl && quirks.caching.marks && { cache_control: cacheControl }),
  };
}

type Choice = Pick<ChatRequest, "tools" | "tool_choice"> & { instruction?: string };

function writeChoice(plan: Plan, tools: FunctionTool[], names: ToolNames): Choice {
  const { quirks, request, reasoning } = plan;
  const choice = request.tool_choice;
  const force = quirks.toolChoice.any;
  const canForce = quirks.toolChoice.forcedWithReasoning || reasoning.on === false;
  const ask = (instruction: string): Choice =>
    force === "omit" ? { tools, instruction } : { tools, tool_choice: "auto", instruction };
  switch (choice?.type) {
    case undefined:
    case "auto":
      return { tools };
    case "none":
      return quirks.toolChoice.none === "none" ? { tools, tool_choice: "none" } : {};
    case "any": {
      const isForced = canForce && (force === "required" || force === "any");
      return isForced ? { tools, tool_choice: force } : ask("Call one of the tools now");
    }
    case "tool": {
      const name = names.toUpstream(choice.name, findTool(plan.tools, choice.name)?.toolset);
      const chosen = tools.filter((tool) => tool.function.name === name);
      if (chosen.length === 0) {
        // It was left out, and that was noted.
        if (plan.tools.unrunnable.some((tool) => tool.name === choice.name)) return { tools };
        throw new ProxyError(
          "invalid-request",
          `tool_choice: Tool '${choice.name}' not found in provided tools`,
        );
      }
      if (quirks.toolChoice.named === "auto" || !canForce) return ask(`Call the tool ${name} now`);
      return quirks.toolChoice.named === "function"
        ? { tools, tool_choice: { type: "function", function: { name } } }
        : { tools: chosen, ...(force !== "omit" && { tool_choice: force }) };
    }
  }
}

/**
 * A conversation that used tools but offers none now: several servers refuse calls of functions that are not listed,
 * so the names are listed, and calls are forbidden.
 */
function rebuildTools({ request, quirks }: Plan, names: ToolNames): ToolFields {
  const used = usedTools(request, names).slice(0, quirks.tools.max);
  if (used.length === 0 || quirks.toolChoice.none !== "none") return {};
  const parameters = { type: "object", properties: {} };
  return {
    tools: used.map((name) => ({ type: "function", function: { name, parameters } })),
    tool_choice: "none",
  };
}

/** Tools that were called, tools that a search has found for the model, and the one it must call now. */
function wantedTools(request: MessagesRequest, names: ToolNames): Set<string> {
  const results = request.messages.flatMap(({ content }) =>
    content.flatMap((block) => (block.type === "tool_result" ? (block.content ?? []) : [])),
  );
  const found = results.flatMap((part) => (part.type === "tool_reference" ? [part.tool_name] : []));
  const chosen = request.tool_choice?.type === "tool" ? [request.tool_choice.name] : [];
  const named = [...found, ...chosen].map((name) => names.toUpstream(name));
  return new Set([...usedTools(request, names), ...named]);
}

function usedTools({ messages }: MessagesRequest, names: ToolNames): string[] {
  const calls = messages.flatMap(({ content }) =>
    content.flatMap((block) =>
      block.type === "tool_use" ? [names.toUpstream(block.name, block.toolset_name)] : [],
    ),
  );
  return [...new Set(calls)];
}
