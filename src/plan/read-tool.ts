/** A tool of the request as the functions that it means. */
import { findClientTool } from "../anthropic/tools/find-client-tool.ts";
import { findToolset } from "../anthropic/tools/find-toolset.ts";
import type { CustomTool, Tool, TypedTool } from "../anthropic/wire.ts";
import type { JsonObject } from "../lib/json.ts";

/** A tool as a function, whatever form the client used. */
export type CallableTool = {
  /** The client's name. Two toolsets, or a toolset and the client itself, may have tools of one name. */
  readonly name: string;
  readonly toolset?: string | undefined;
  readonly description?: string | undefined;
  readonly schema: JsonObject;
  readonly isStrict: boolean;
  readonly cacheControl: TypedTool["cache_control"];
};

/** Tells tools of one name apart by their toolsets. */
export function toolKey({ name, toolset = "" }: Pick<CallableTool, "name" | "toolset">): string {
  return `${toolset}/${name}`;
}

type Functions = readonly { readonly tool: CallableTool; readonly isDeferred: boolean }[];

/** What was read of a tool; it is the same object in the next turn. */
const known = new WeakMap<Tool, Functions>();

/** The functions for a tool, the same objects every time; undefined if no client runs it. */
export function readTool(tool: Tool): Functions | undefined {
  const functions = known.get(tool) ?? findFunctions(tool);
  if (functions) known.set(tool, functions);
  return functions;
}

function findFunctions(tool: Tool): Functions | undefined {
  const isDeferred = tool.defer_loading === true;
  const cacheControl = tool.cache_control;
  if (tool.type === "custom") {
    const { name, input_schema: schema, strict } = tool;
    const callable = { name, description: describe(tool), schema, isStrict: strict === true };
    return [{ tool: { ...callable, cacheControl }, isDeferred }];
  }
  const toolset = findToolset(tool);
  if (toolset) {
    return toolset.members.map(({ isDeferred, ...member }, i) => ({
      // The cache mark goes on the last tool of the set.
      tool: {
        ...member,
        toolset: toolset.name,
        isStrict: false,
        cacheControl: i === toolset.members.length - 1 ? cacheControl : undefined,
      },
      isDeferred,
    }));
  }
  const known = tool.name === undefined ? undefined : findClientTool(tool);
  if (!known || tool.name === undefined) return undefined;
  return [{ tool: { name: tool.name, ...known, isStrict: false, cacheControl }, isDeferred }];
}

/** No backend has a field for examples. */
function describe({ description, input_examples }: CustomTool): string | undefined {
  if (!input_examples?.length) return description ?? undefined;
  const examples = input_examples.map((input) => `- ${JSON.stringify(input)}`);
  return [...(description ? [description, ""] : []), "Examples of its input:", ...examples].join("\n");
}
