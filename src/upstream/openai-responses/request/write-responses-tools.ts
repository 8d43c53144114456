/** Writes the tools of a request: functions, and a web search that the backend runs beside them. */
import type { Plan } from "../../../plan/plan.ts";
import type { WebSearch } from "../../../plan/plan-web-search.ts";
import type { ToolNames } from "../../tools/choose-tool-names.ts";
import {
  type FunctionTool,
  type ToolFields,
  type WrittenTools,
  writeTools,
} from "../../tools/write-tools.ts";
import type { ResponsesFunction, ResponsesRequest, WebSearchTool } from "../wire.ts";

type Fields = Pick<ResponsesRequest, "tools" | "tool_choice" | "parallel_tool_calls" | "max_tool_calls">;

type WrittenFields = Pick<WrittenTools, "instruction" | "manual"> & { readonly fields: Fields };

export function writeResponsesTools(
  plan: Plan,
  names: ToolNames,
  note: (words: string) => void,
): WrittenFields {
  const { fields, manual, instruction } = writeTools(plan, names, note);
  const search = plan.webSearch?.form === "server-tool" ? plan.webSearch : undefined;
  const tools = [...(fields.tools ?? []).map(flatten), ...(search ? [writeSearchTool(search)] : [])];
  const words = [...(instruction ? [instruction] : []), ...(search ? describeSites(search) : [])].join("\n");
  return {
    fields: {
      ...(tools.length > 0 && { tools }),
      ...(fields.tool_choice && { tool_choice: writeChoice(fields.tool_choice) }),
      ...(search?.isForced && { tool_choice: forceSearch(tools.length === 1) }),
      ...(fields.parallel_tool_calls === false && { parallel_tool_calls: false as const }),
      // Of the tools that the backend runs, there is only this one.
      ...(search?.maxUses !== undefined && { max_tool_calls: search.maxUses }),
    },
    ...(words !== "" && { instruction: words }),
    ...(manual !== undefined && { manual }),
  };
}

function flatten({ function: { name, description, parameters, strict } }: FunctionTool): ResponsesFunction {
  return { type: "function", name, ...(description && { description }), parameters, strict: strict === true };
}

/** No single choice names this tool. */
function forceSearch(isOnlyTool: boolean): NonNullable<Fields["tool_choice"]> {
  return isOnlyTool
    ? "required"
    : { type: "allowed_tools", mode: "required", tools: [{ type: "web_search" }] };
}

function writeChoice(choice: NonNullable<ToolFields["tool_choice"]>): NonNullable<Fields["tool_choice"]> {
  if (typeof choice === "object") return { type: "function", name: choice.function.name };
  return choice === "any" ? "required" : choice;
}

function writeSearchTool({ allowedDomains, userLocation }: WebSearch): WebSearchTool {
  return {
    type: "web_search",
    // A bare name includes everything below it, as in Anthropic's list: OpenAI's guide on web search.
    ...(allowedDomains.length > 0 && { filters: { allowed_domains: allowedDomains.map(siteOf) } }),
    ...(userLocation && { user_location: { type: "approximate" as const, ...userLocation } }),
  };
}

/** The filter takes no paths and no wildcards; results from elsewhere on a site are left out of the reply. */
function siteOf(domain: string): string {
  return domain.replace(/^(https?:\/\/)?(\*\.)?/i, "").replace(/\/.*$/, "");
}

/** There is no list of sites to avoid. */
function describeSites({ blockedDomains }: WebSearch): string[] {
  return blockedDomains.length > 0 ? [`Use nothing from these sites: ${blockedDomains.join(", ")}`] : [];
}
