/** Names of tools, and of calls that Claude Code makes on behalf of a tool. */
import type { CountTokensRequest } from "../../anthropic/wire.ts";
import { isClaudeCode } from "./identity.ts";
import { reminders } from "./reminders.ts";

/** Replaces tools that are not loaded yet; no model must ever call it. Seen in 2.1.330, 2.1.332. */
export const toolPlaceholder = "DeferredToolPlaceholder";

/** Its own search among deferred tools, which answers with references. Seen in 2.1.197 to 2.1.332. */
export const toolSearch = "ToolSearch";

/** Begins the names of MCP servers' tools, of which there may be hundreds. Seen in 2.1.197 to 2.1.332. */
export const mcpPrefix = "mcp__";

/** Precedes the query in the call behind the WebSearch tool. Seen in 2.1.197 to 2.1.332. */
export const searchTask = "Perform a web search for the query:";

/** It refuses a search with more results. Seen in 2.1.330, 2.1.332. */
export const maxSearchResults = 100;

/**
 * Whether the client is Claude Code, or has the tools by which Claude Code loads deferred ones: it then sends a
 * deferred tool only once it is loaded, and goes on when compaction has removed the reference to it.
 */
export function loadsToolsItself({ tools, system }: Pick<CountTokensRequest, "tools" | "system">): boolean {
  return (
    (tools ?? []).some(({ name }) => name === toolPlaceholder || name === toolSearch) ||
    isClaudeCode((system ?? []).map(({ text }) => text))
  );
}

/** Whether the text is that call's, in which nothing but a search is wanted. */
export function isSearchTask(text: string): boolean {
  return withoutReminders(text).startsWith(searchTask);
}

/** The user's question, in the last message of a search call. */
export function readSearchQuery(text: string): string {
  const asked = withoutReminders(text);
  return asked.startsWith(searchTask) ? asked.slice(searchTask.length).trimStart() : asked;
}

function withoutReminders(text: string): string {
  return text.replace(reminders, "").trim();
}
