/** The options of a request that nothing here can honor, in words for the log. */
import type { MessagesRequest } from "../anthropic/wire.ts";
import { isObject } from "../lib/json.ts";

const none: readonly never[] = [];

export function noteIgnored(request: MessagesRequest, note: (words: string) => void): void {
  const { mcp_servers, container, output_config, tools, context_management, compaction } = request;
  if (mcp_servers?.length)
    note("left out mcp_servers: only Anthropic's servers connect to an MCP server for a client");
  if (isObject(container) && Array.isArray(container.skills) && container.skills.length > 0)
    note("left out container.skills: there is no code container here");
  if (output_config?.task_budget) note("left out output_config.task_budget, which no backend has");
  if (compaction && compaction.type !== "summarize")
    note(`left out compaction of the unknown type ${compaction.type}`);
  for (const edit of context_management?.edits ?? none)
    if (edit.type === "unknown")
      note(`left out the context_management edit of the unknown type ${edit.original}`);
  for (const tool of tools ?? none) {
    const callers = tool.type === "custom" ? tool.allowed_callers : undefined;
    if (callers?.length && !callers.includes("direct"))
      note(`offered tool ${tool.name} to the model directly: no code execution can call it here`);
  }
}
