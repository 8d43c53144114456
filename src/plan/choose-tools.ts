/** Decides which functions a request carries, and how it asks for a call or forbids one. */
import { surveyMessages } from "../anthropic/survey-messages.ts";
import { isServerTool } from "../anthropic/tools/find-client-tool.ts";
import type { MessagesRequest } from "../anthropic/wire.ts";
import type { Quirks } from "../catalog/quirks.ts";
import { ProxyError } from "../errors.ts";
import { limitTools } from "./limit-tools.ts";
import { findTool, findWanted, type ToolList } from "./list-tools.ts";
import type { OwnTool } from "./own-tools.ts";
import { hasServedTools, isServed, type WebUse } from "./plan-web-search.ts";
import { type CallableTool, toolKey } from "./read-tool.ts";

export type ToolUse = {
  /** The functions to send, in this order. */
  readonly functions: readonly CallableTool[];
  /** The value of `tool_choice`; if undefined, none is sent, and the model decides. */
  readonly choice: CallChoice | undefined;
  /** The call that the model is asked for in words, because the backend cannot force it. */
  readonly askInWords: Callee | undefined;
  /** What was left out, for the log. */
  readonly notes: readonly string[];
};

/** Any function, or a particular one. */
export type Callee = { readonly type: "any" } | { readonly type: "tool"; readonly tool: CallableTool };
export type CallChoice = { readonly type: "auto" | "none" } | Callee;

/** What the choice depends on. */
type ChoiceInput = WebUse & {
  readonly request: MessagesRequest;
  readonly tools: ToolList;
  readonly ownTools: readonly OwnTool[];
  readonly quirks: Quirks;
  readonly reasoning: { readonly on: boolean | undefined };
};

/** @throws ProxyError `invalid-request` when the client chooses a tool that is not among its tools */
export function chooseTools(input: ChoiceInput): ToolUse {
  const { request, tools, quirks, webSearch } = input;
  const { offered } = tools;
  const notes = tools.unrunnable.length > 0 ? [...tools.notes, ...noteUnrunnable(input)] : tools.notes;
  // With the other forms of search, no function may be combined.
  const isSearchAlone = webSearch && webSearch.form !== "server-tool" && webSearch.form !== "none";
  if (isSearchAlone) return { ...nothing, notes };
  if (offered.length === 0) {
    const recalled = hasServedTools(input) ? nothing : recallTools(request, quirks);
    return notes.length === 0 ? recalled : { ...recalled, notes };
  }
  const left = offered.length - quirks.tools.max;
  if (left <= 0) return { functions: offered, ...chooseCall(offered, input), notes };
  const functions = leaveOut(input);
  const note = `left out ${left} of ${offered.length} tools: the backend takes ${quirks.tools.max}`;
  return { functions, ...chooseCall(functions, input), notes: [...notes, note] };
}

/** As many tools as the backend takes. */
function leaveOut({ request, tools, ownTools, quirks }: ChoiceInput): readonly CallableTool[] {
  const wanted = findWanted(request, ownTools);
  return limitTools(tools.offered, quirks.tools.max, (tool) => wanted.has(tool));
}

const nothing: ToolUse = { functions: [], choice: undefined, askInWords: undefined, notes: [] };

function noteUnrunnable(input: ChoiceInput): string[] {
  return input.tools.unrunnable
    .filter((tool) => !isServed(tool, input))
    .map(({ family, name = family }) => `left out tool ${name}, ${explainLeaving(family)}`);
}

function explainLeaving(family: string): string {
  if (family === "web_search") return "which this backend does not run; SEARCH_API names a service that can";
  if (family === "web_fetch") return "which this backend does not run";
  return isServerTool(family) ? "which only Anthropic's servers run" : "whose type is not known";
}

/**
 * A conversation that used tools but offers none now: several servers refuse calls of functions that are not listed,
 * so the names are listed, and calls are forbidden.
 */
function recallTools({ messages }: MessagesRequest, quirks: Quirks): ToolUse {
  if (quirks.toolChoice.none !== "none" || !surveyMessages(messages).calls) return nothing;
  const used = new Map<string, CallableTool>();
  for (const { content } of messages) {
    for (const block of content) {
      if (block.type !== "tool_use") continue;
      const tool = { ...bare, name: block.name, toolset: block.toolset_name };
      used.set(toolKey(tool), tool);
    }
  }
  return {
    ...nothing,
    functions: [...used.values()].slice(0, quirks.tools.max),
    choice: { type: "none" },
  };
}

const bare = {
  schema: { type: "object", properties: {} },
  isStrict: false,
  cacheControl: undefined,
} as const;

type Call = Pick<ToolUse, "choice" | "askInWords"> & Partial<Pick<ToolUse, "functions">>;

function chooseCall(functions: readonly CallableTool[], { request, quirks, reasoning }: ChoiceInput): Call {
  const requested = request.tool_choice;
  const { any: force, named, none, forcedWithReasoning } = quirks.toolChoice;
  const canForce = forcedWithReasoning || reasoning.on === false;
  const ask = (askInWords: Callee): Call => ({
    choice: force === "omit" ? undefined : { type: "auto" },
    askInWords,
  });
  switch (requested?.type) {
    case undefined:
    case "auto":
      return { choice: undefined, askInWords: undefined };
    case "none":
      return none === "none" ? { choice: { type: "none" }, askInWords: undefined } : nothing;
    case "any": {
      const choice = chooseAny(force);
      return canForce && choice?.type === "any" ? { choice, askInWords: undefined } : ask({ type: "any" });
    }
    case "tool": {
      const tool = findTool(functions, requested.name);
      if (!tool) {
        // It was left out, and that was noted, or it is a search among tools that are all loaded.
        const isKnown = request.tools?.some(({ name }) => name === requested.name);
        if (isKnown) return { choice: undefined, askInWords: undefined };
        throw new ProxyError(
          "invalid-request",
          `tool_choice: Tool '${requested.name}' not found in provided tools`,
        );
      }
      if (named === "auto" || !canForce) return ask({ type: "tool", tool });
      if (named === "function") return { choice: { type: "tool", tool }, askInWords: undefined };
      return { functions: [tool], choice: chooseAny(force), askInWords: undefined };
    }
    default:
      return requested satisfies never;
  }
}

/** The choice that forces a call of any function, or comes closest to it. */
function chooseAny(force: Quirks["toolChoice"]["any"]): CallChoice | undefined {
  switch (force) {
    case "required":
    case "any":
      return { type: "any" };
    case "auto":
      return { type: "auto" };
    case "omit":
      return undefined;
    default:
      return force satisfies never;
  }
}
