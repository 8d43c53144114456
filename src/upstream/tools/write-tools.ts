/** Writes the functions that the plan sends, and the choice among them. */
import type { Quirks } from "../../catalog/quirks.ts";
import { type JsonObject, writeJson } from "../../lib/json.ts";
import type { CallChoice, Callee } from "../../plan/choose-tools.ts";
import type { Plan } from "../../plan/plan.ts";
import type { CallableTool } from "../../plan/read-tool.ts";
import type { CacheControl } from "../content/parts.ts";
import { adaptSchema, cleanSchema, isStrictSchema } from "./adapt-schema.ts";
import type { ToolNames } from "./choose-tool-names.ts";

export type FunctionTool = {
  type: "function";
  function: { name: string; description?: string; parameters: Record<string, unknown>; strict?: boolean };
  cache_control?: CacheControl;
};

/** In the shape of `/chat/completions`; other protocols translate them. */
export type ToolFields = {
  tools?: FunctionTool[];
  tool_choice?: "auto" | "none" | "required" | "any" | { type: "function"; function: { name: string } };
  parallel_tool_calls?: false;
};

export type WrittenTools = {
  readonly fields: ToolFields;
  /** Instructions for the model, if the backend cannot force a call. */
  readonly instruction?: string;
  /** For the system prompt: what is too long for the descriptions of tools. */
  readonly manual?: string;
};

/**
 * The fields about tools. None if there are no tools, because OpenAI, vLLM and others refuse an empty list, or a
 * choice without one.
 */
export function writeTools(
  plan: Plan,
  names: ToolNames,
  note: (words: string) => void = () => {},
): WrittenTools {
  const { quirks, toolUse } = plan;
  const { functions, choice, askInWords } = toolUse;
  if (functions.length === 0) return { fields: {} };
  // Tools that only the history names may share an upstream name.
  const tools = new Map(functions.map((tool) => [nameOf(tool, names), writeTool(tool, plan, names)]));
  for (const tool of functions)
    if (tool.isStrict && !tools.get(nameOf(tool, names))?.function.strict)
      note(`offered tool ${tool.name} without strict: ${describeLaxness(quirks)}`);
  const manual = writeManual([...tools.values()], quirks.tools.maxDescription);
  return {
    fields: {
      tools: [...tools.values()].map((tool) => shortenDescription(tool, quirks.tools.maxDescription)),
      ...(choice && { tool_choice: writeChoice(choice, quirks, names) }),
      ...(plan.serialTools && quirks.tools.parallelCalls && { parallel_tool_calls: false as const }),
      ...(choice?.type !== "none" && quirks.tools.extras),
    },
    ...(askInWords && { instruction: writeInstruction(askInWords, names) }),
    ...(manual !== "" && { manual }),
  };
}

function writeTool(tool: CallableTool, { quirks }: Plan, names: ToolNames): FunctionTool {
  const { isStrict, cacheControl } = tool;
  const name = nameOf(tool, names);
  const { refusedSchemas } = quirks.tools;
  const loss = Object.hasOwn(refusedSchemas, name) ? refusedSchemas[name] : refusedSchemas[""];
  const parameters = adaptSchema(tool.schema, quirks.tools, loss);
  const description = [
    ...(tool.description ? [tool.description] : []),
    ...(loss?.form === "open" ? [describeSchema(tool.schema)] : []),
  ].join("\n\n");
  return {
    type: "function",
    function: {
      name,
      ...(description && { description }),
      parameters,
      ...(isStrict && quirks.tools.strict && isStrictSchema(parameters) && { strict: true }),
    },
    ...(cacheControl && quirks.caching.marks && { cache_control: cacheControl }),
  };
}

function describeLaxness({ tools }: Quirks): string {
  return tools.strict
    ? "a strict schema must close every object and require every property"
    : "the backend has no strict tools";
}

function describeSchema(schema: JsonObject): string {
  return `Its arguments are a JSON object that matches this JSON schema: ${writeJson(cleanSchema(schema))}`;
}

const elsewhere = "… (continued in the system prompt)";

function shortenDescription(tool: FunctionTool, max: number): FunctionTool {
  const { description = "" } = tool.function;
  if (description.length <= max) return tool;
  const shorter = description.slice(0, Math.max(0, max - elsewhere.length)) + elsewhere;
  return { ...tool, function: { ...tool.function, description: shorter } };
}

/** The descriptions that the backend does not accept in full. */
function writeManual(tools: readonly FunctionTool[], max: number): string {
  return tools
    .filter(({ function: { description = "" } }) => description.length > max)
    .map(({ function: { name, description } }) => `<tool name="${name}">\n${description}\n</tool>`)
    .join("\n");
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
