/**
 * Turns the calls of own tools, which stand with their results inside one assistant message, back into what the model
 * saw: its call, and the result in a turn of the user's. The conversation then reads the same while the tools run and
 * when a client sends it back, and the backend's prompt cache hits.
 */
import { unseal } from "../anthropic/unseal.ts";
import type {
  RequestBlock,
  RequestMessage,
  ServerToolResultBlock,
  ToolResultBlock,
} from "../anthropic/wire.ts";
import { asString, isObject } from "../lib/json.ts";
import { nameOf, type OwnTool } from "./own-tools.ts";
import { referencesIn } from "./track-tools.ts";

type OwnResult = ToolResultBlock["content"];

/** The very same messages if there is no such call. */
export function unfoldOwnCalls(
  messages: readonly RequestMessage[],
  ownTools: readonly OwnTool[],
): readonly RequestMessage[] {
  if (ownTools.length === 0) return messages;
  const names = new Map(
    ownTools.flatMap((own) => [
      [nameOf(own), own.tool.name],
      [own.tool.name, own.tool.name],
    ]),
  );
  if (!messages.some((message) => findCalls(message, names).size > 0)) return messages;
  return messages.flatMap((message) => unfold(message, names));
}

/** The ids of calls that have a result, and the function that each of them called. */
function findCalls(
  { role, content }: RequestMessage,
  names: ReadonlyMap<string, string>,
): Map<string, string> {
  const calls = new Map<string, string>();
  if (role !== "assistant") return calls;
  const answered = new Set(content.flatMap((block) => (isOwnResult(block) ? [block.tool_use_id] : [])));
  for (const block of content) {
    const name = block.type === "server_tool_use" ? names.get(block.name) : undefined;
    if (name !== undefined && "id" in block && answered.has(block.id)) calls.set(block.id, name);
  }
  return calls;
}

/** Each call, its results, and what came after them, as turns of their own. */
function unfold(message: RequestMessage, names: ReadonlyMap<string, string>): RequestMessage[] {
  const calls = findCalls(message, names);
  if (calls.size === 0) return [message];
  const unfolded: RequestMessage[] = [];
  let said: RequestBlock[] = [];
  let results: ToolResultBlock[] = [];
  /** A client's call is answered in the next message, so that nothing may come in between. */
  let callsClient = false;
  const endTurn = () => {
    if (said.length > 0) unfolded.push({ ...message, content: said });
    if (results.length > 0) unfolded.push({ role: "user", content: results });
    [said, results] = [[], []];
  };
  for (const block of message.content) {
    if (isOwnResult(block) && calls.has(block.tool_use_id)) {
      results.push(writeResult(block));
      continue;
    }
    if (results.length > 0 && !callsClient) endTurn();
    callsClient ||= block.type === "tool_use";
    said.push(writeCall(block, calls));
  }
  endTurn();
  return unfolded;
}

/** A call of an own tool as the model made it; any other block as it is. */
function writeCall(block: RequestBlock, calls: ReadonlyMap<string, string>): RequestBlock {
  const name = block.type === "server_tool_use" ? calls.get(block.id) : undefined;
  if (name === undefined || block.type !== "server_tool_use") return block;
  const input = isObject(block.input) ? block.input : {};
  return { type: "tool_use", id: block.id, name, input, toolset_name: undefined };
}

function isOwnResult(block: RequestBlock): block is ServerToolResultBlock {
  return block.type === "tool_search_tool_result" || block.type === "web_search_tool_result";
}

function writeResult({ tool_use_id, content }: ServerToolResultBlock): ToolResultBlock {
  const fault = isObject(content) ? asString(content.error_code) : "";
  if (fault !== "") {
    const message = isObject(content) ? asString(content.error_message) : "";
    return { type: "tool_result", tool_use_id, is_error: true, content: say(describeFault(fault, message)) };
  }
  const loaded = referencesIn(content).map((name) => ({ type: "tool_reference" as const, tool_name: name }));
  if (loaded.length > 0) return { type: "tool_result", tool_use_id, content: loaded };
  const text = Array.isArray(content) ? unseal(content) : "No tool was found. Search with other words.";
  return { type: "tool_result", tool_use_id, content: say(text) };
}

function say(text: string): OwnResult {
  return [{ type: "text", text }];
}

/** What a model can do about a fault. */
function describeFault(code: string, message: string): string {
  if (message !== "") return message;
  switch (code) {
    case "max_uses_exceeded":
      return "No more searches are allowed. Go on with what has been found.";
    case "query_too_long":
      return "The query is too long. Search with fewer words.";
    case "invalid_tool_input":
      return "The query is missing.";
    default:
      return "Nothing was searched: the search does not work now. Present nothing as a search result.";
  }
}
