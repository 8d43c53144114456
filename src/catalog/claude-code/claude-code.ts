/**
 * Room `catalog/claude-code/`: what is known about Claude Code and changes with its releases. Not here: what the proxy
 * does about it.
 *
 * By what Claude Code is told from other clients, in the body of its requests.
 */
import type { CountTokensRequest } from "../../anthropic/wire.ts";

/** Its first system block begins so; the block changes with every conversation. */
export const billingHeader = "x-anthropic-billing-header:";

/** Its stand-in for tools that it has not loaded yet; no model must ever call it. */
export const toolPlaceholder = "DeferredToolPlaceholder";

/** Its own search among deferred tools, which answers with references. */
const toolSearch = "ToolSearch";

/**
 * Whether the client is Claude Code, or leaves the loading of deferred tools to a tool like Claude Code's: it then
 * sends a deferred tool only once it is loaded, and goes on when compaction has taken the reference to it away.
 */
export function loadsToolsItself({ tools, system }: Pick<CountTokensRequest, "tools" | "system">): boolean {
  return (
    (tools ?? []).some(({ name }) => name === toolPlaceholder || name === toolSearch) ||
    (system ?? []).some(({ text }) => text.startsWith(billingHeader))
  );
}
