/** Writes the functions that the plan sends, and the choice among them. */
import type { Quirks } from "../../catalog/quirks.ts";
import { type JsonObject, writeJson } from "../../lib/json.ts";
import type { CallChoice, Callee } from "../../plan/choose-tools.ts";
import type { Plan } from "../../plan/plan.ts";
import type { CallableTool } from "../../plan/read-tool.ts";
import type { CacheControl } from "../content/parts.ts";
import { noFields } from "../write-options.ts";
import { adaptSchema, cleanSchema, isStrictSchema } from "./adapt-schema.ts";
import type { ToolNames } from "./choose-tool-names.ts";

export type FunctionTool = {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description?: string;
    readonly parameters: Record<string, unknown>;
    readonly strict?: boolean;
  };
  readonly cache_control?: CacheControl;
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

const noTools: WrittenTools = { fields: noFields };

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
  if (functions.length === 0) return noTools;
  // Tools that only the history names may share an upstream name.
  const tools = new Map<string, FunctionTool>();
  let manual = "";
  for (const tool of functions) {
    const { written, isLax, manual: rest } = findWritten(tool, quirks, names);
    tools.set(written.function.name, written);
    if (isLax) note(`offered tool ${tool.name} without strict: ${describeLaxness(quirks)}`);
    if (rest !== undefined) manual += manual === "" ? rest : `\n${rest}`;
  }
  return {
    fields: {
      tools: [...tools.values()],
      ...(choice && { tool_choice: writeChoice(choice, quirks, names) }),
      ...(plan.serialTools && quirks.tools.parallelCalls && { parallel_tool_calls: false as const }),
      ...(choice?.type !== "none" && quirks.tools.extras),
    },
    ...(askInWords && { instruction: writeInstruction(askInWords, names) }),
    ...(manual !== "" && { manual }),
  };
}

type Written = {
  readonly quirks: Quirks;
  readonly names: ToolNames;
  readonly written: FunctionTool;
  /** The client wants it strict, and it is not. */
  readonly isLax: boolean;
  /** The whole description, if it is longer than the backend accepts. */
  readonly manual: string | undefined;
};

/** What became of tools, which are the same objects in the next turn. */
const known = new WeakMap<CallableTool, Written>();

function findWritten(tool: CallableTool, quirks: Quirks, names: ToolNames): Written {
  const before = known.get(tool);
  if (before?.quirks === quirks && before.names === names) return before;
  const whole = writeTool(tool, quirks, names);
  const { name, description = "", strict } = whole.function;
  const isShort = description.length <= quirks.tools.maxDescription;
  const found: Written = {
    quirks,
    names,
    written: isShort ? whole : shortenDescription(whole, quirks.tools.maxDescription),
    isLax: tool.isStrict && !strict,
    // For the system prompt.
    manual: isShort ? undefined : `<tool name="${name}">\n${description}\n</tool>`,
  };
  known.set(tool, found);
  return found;
}

function writeTool(tool: CallableTool, quirks: Quirks, names: ToolNames): FunctionTool {
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
  const shorter = description.slice(0, Math.max(0, max - elsewhere.length)) + elsewhere;
  return { ...tool, function: { ...tool.function, description: shorter } };
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
