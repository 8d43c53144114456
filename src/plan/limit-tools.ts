/**
 * Chooses among more tools than a backend accepts. The choice depends only on the tools and on what the conversation
 * has used, so it stays the same from turn to turn, and with it the prompt that backends cache.
 */
import { mcpPrefix } from "../catalog/claude-code/claude-code.ts";

/**
 * At most `maxTools` tools, in their own order. Priority: first wanted tools, then the client's own, then those of its
 * MCP servers; among equals the earlier ones.
 *
 * @param isWanted whether the conversation uses the tool, or must use it now
 */
export function limitTools<Tool extends { readonly name: string }>(
  tools: readonly Tool[],
  maxTools: number,
  isWanted: (tool: Tool) => boolean,
): Tool[] {
  if (tools.length <= maxTools) return [...tools];
  const rank = (tool: Tool) => (isWanted(tool) ? 0 : tool.name.startsWith(mcpPrefix) ? 2 : 1);
  const kept = new Set(tools.toSorted((one, other) => rank(one) - rank(other)).slice(0, maxTools));
  return tools.filter((tool) => kept.has(tool));
}
