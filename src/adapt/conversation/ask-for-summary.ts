/** Turns a request for an answer into one for a summary of its conversation, and a summary into a conversation. */
import type { MessagesRequest, ToolChangeBlock } from "../../anthropic/wire.ts";
import type { JsonObject } from "../../lib/json.ts";

const usualInstructions = `Summarize this conversation, so that the work can go on from your summary alone: it will \
replace all messages so far. Write down what the user wants, in their words where they matter; what was decided and \
why; what was done and found, with the names, paths, values and code that are needed again; what failed; what is \
unfinished, and the next step. Answer with the summary and nothing else, and call no tool.`;

/**
 * The same conversation with a last question, so that the backend's cache of it is used.
 *
 * @param instructions replace the usual ones, unless they are blank
 */
export function askForSummary(request: MessagesRequest, instructions = ""): MessagesRequest {
  const text = instructions.trim() || usualInstructions;
  const { effort } = request.output_config ?? {};
  return {
    ...request,
    messages: [...request.messages, { role: "user", content: [{ type: "text", text }] }],
    tool_choice: request.tools?.length ? { type: "none" } : undefined,
    output_config: effort ? { effort } : undefined,
    output_format: undefined,
    stop_sequences: undefined,
  };
}

/** The conversation after a summary: the summary, and what the user said last. */
export function continueFrom(summary: string, request: MessagesRequest): MessagesRequest {
  const begin = request.messages.findLastIndex(({ role }) => role === "assistant") + 1;
  const said = request.messages
    .slice(begin)
    .map((message) => ({ ...message, content: message.content.filter(({ type }) => type !== "tool_result") }))
    .filter(({ content }) => content.length > 0);
  const tool_changes = readToolChanges(request);
  return {
    ...request,
    messages: [{ role: "user", content: [{ type: "compaction", content: summary, tool_changes }] }, ...said],
  };
}

/** The changes that a conversation made to its tools, the last of each tool. */
function readToolChanges({ messages }: MessagesRequest): ToolChangeBlock[] {
  const changes = messages.flatMap(({ content }) =>
    content.flatMap((block) => {
      if (block.type === "compaction") return block.tool_changes ?? [];
      return block.type === "tool_addition" || block.type === "tool_removal" ? [block] : [];
    }),
  );
  const last = new Map(changes.map((change) => [nameOf(change), change]));
  last.delete(undefined);
  return [...last.values()];
}

/** In the form in which the client sent them. */
export function writeToolChanges(request: MessagesRequest): JsonObject[] {
  return readToolChanges(request).map(({ type, tool }) => {
    if (tool?.type !== "tool_definition") return { type, tool };
    const { definition } = tool;
    const original = definition.type === "typed" ? definition.definition : definition;
    return { type, tool: { type: tool.type, definition: original } };
  });
}

function nameOf({ tool }: ToolChangeBlock): string | undefined {
  return tool?.type === "tool_definition" ? tool.definition.name : tool?.name;
}
