/**
 * Claude Code defers the tools of MCP servers until the model has searched for them, and their names are longer than
 * backends accept: the model must be able to call what it found.
 */
import { createToolNames } from "../../src/upstream/tools/choose-tool-names.ts";
import { text, toolCalls } from "../../test/support/fake-upstream.ts";
import { type Scenario, textOf } from "./scenario.ts";

const tool = "look_up_the_word_of_the_day_by_a_name_that_is_longer_than_backends_take";
const fullName = `mcp__dictionary__${tool}`;
const shortName = createToolNames([{ name: fullName }]).toUpstream(fullName);

/** A server with one tool, as small as the protocol allows: one line of JSON-RPC in, one line out. */
const server = `
import { createInterface } from "node:readline";
const tool = { name: "${tool}", description: "Looks up the word of the day", inputSchema: { type: "object", properties: { day: { type: "string" } }, required: ["day"] } };
const results = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "dictionary", version: "1" } }),
  "tools/list": () => ({ tools: [tool] }),
  "tools/call": ({ arguments: { day } }) => ({ content: [{ type: "text", text: "The word of " + day + " is petrichor" }] }),
};
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: "2.0", id, result: results[method]?.(params) ?? {} }));
}
`;

const config = { mcpServers: { dictionary: { command: process.execPath, args: ["server.mjs"] } } };

export const searchesTools: Scenario = {
  name: "searches-tools",
  files: { "server.mjs": server, "mcp.json": JSON.stringify(config) },
  flags: ["--mcp-config", "mcp.json", "--strict-mcp-config", "--allowedTools", fullName],
  // The newest client searches by itself, older ones if asked to.
  env: { ENABLE_TOOL_SEARCH: "1" },
  rounds: () => [
    [toolCalls([{ id: "call_search", name: "ToolSearch", arguments: { query: `select:${fullName}` } }])],
    [toolCalls([{ id: "call_word", name: shortName, arguments: { day: "today" } }])],
    [text("It is petrichor.")],
  ],
  findFaults: ({ cli, asked }) => {
    const results = (round: number) =>
      (asked[round]?.messages ?? []).filter(({ role }) => role === "tool").map(textOf);
    return [
      !asked[0]?.tools.includes("ToolSearch") && "the search was not offered",
      asked[0]?.tools.includes("DeferredToolPlaceholder") === true && "the placeholder was offered",
      asked[0]?.tools.includes(shortName) === true && "the deferred tool was offered before it was loaded",
      !asked[1]?.tools.includes(shortName) && "the tool that was found was not offered",
      !results(1)[0]?.includes(shortName) && `the reference became ${results(1)[0]}`,
      !results(2)[1]?.includes("The word of today is petrichor") && `the tool answered ${results(2)[1]}`,
      cli.result?.result !== "It is petrichor." && `the answer: ${cli.result?.result}`,
    ];
  },
};
