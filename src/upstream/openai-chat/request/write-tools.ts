/** Writes the functions that the plan sends, and the choice among them. */
import type { Quirks } from "../../../catalog/quirks.ts";
import type { CallChoice, Callee } from "../../../plan/choose-tools.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { CallableTool } from "../../../plan/read-tool.ts";
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
 */
export function writeTools(plan: Plan, names: ToolNames): WrittenTools {
  const { quirks, toolUse } = plan;
  const { functions, choice, askInWords } = toolUse;
  if (functions.length === 0) return { fields: {} };
  // Tools that only the history names may share an upstream name.
  const tools = new Map(functions.map((tool) => [nameOf(tool, names), writeTool(tool, plan, names)]));
  return {
    fields: {
      tools: [...tools.values()],
      ...(choice && { tool_choice: writeChoice(choice, quirks, names) }),
      ...(plan.serialTools && quirks.tools.parallelCalls && { parallel_tool_calls: false as const }),
      ...(choice?.type !== "none" && quirks.tools.extras),
    },
    ...(askInWords && { instruction: writeInstruction(askInWords, names) }),
  };
}

function writeTool(tool: CallableTool, { quirks }: Plan, names: ToolNames): FunctionTool {
  const { description, isStrict, cacheControl } = tool;
  const parameters = adaptSchema(tool.schema, quirks.tools.schema);
  return {
    type: "function",
    function: {
      name: nameOf(tool, names),
      ...(description && { description }),
      parameters,
      ...(isStrict && quirks.tools.strict && isStrictSchema(parameters) && { strict: true }),
    },
    ...(cacheControl && quirks.caching.marks && { cache_control: cacheControl }),
  };
}

function writeChoice(
  choice: CallChoice,
  { toolChoice }: Quirks,
  names: ToolNames,
): NonNullable<ToolFields["tool_choice"]> {
  switch (choice.type) {
    case "auto":
    case "none":
      return choice.type;
    case "any":
      return toolChoice.any === "any" ? "any" : "required";
    case "tool":
      return { type: "function", function: { name: nameOf(choice.tool, names) } };
    default:
      return choice satisfies never;
  }
}

function writeInstruction(askInWords: Callee, names: ToolNames): string {
  return askInWords.type === "any"
    ? "Call one of the tools now"
    : `Call the tool ${nameOf(askInWords.tool, names)} now`;
}

function nameOf({ name, toolset }: CallableTool, names: ToolNames): string {
  return names.toUpstream(name, toolset);
}
