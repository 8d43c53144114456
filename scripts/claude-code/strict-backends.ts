/** Backends with rules of their own about roles and schemas; the session goes on at each of them. */
import { type FakeReply, status, text, toolCalls } from "../../test/support/fake-upstream.ts";
import { refusedByPython } from "../../test/support/schema-rules.ts";
import type { Asked, Scenario } from "./scenario.ts";

const refuse = (message: string): FakeReply =>
  status(400, { object: "error", message, type: "invalid_request_error", param: null, code: 400 });
const call = (name: string, input: object, id: string) =>
  toolCalls([{ id: `call_${id}`, name, arguments: input }]);
const bash = (id: string) => call("Bash", { command: `echo ${id} >> log.txt`, description: "Run it" }, id);

/** What Mistral's API says of a conversation. */
function findMisplacedRole({ messages }: Asked): FakeReply | undefined {
  const misplaced = messages.find((message, at) => {
    const before = messages[at - 1]?.role;
    return before === "tool" && message.role !== "tool" && message.role !== "assistant";
  });
  return misplaced && refuse(`Unexpected role '${misplaced.role}' after role 'tool'`);
}

/** The client puts the text of a skill behind the result of the call that loads it. */
function usesSkill(name: string, backend: "mistral" | "generic"): Scenario {
  return {
    name,
    backend,
    files: {
      ".claude/skills/greet/SKILL.md":
        "---\nname: greet\ndescription: How to greet\n---\nSay SALVE to everybody.\n",
    },
    answersApart: findMisplacedRole,
    rounds: () => [
      [call("Skill", { skill: "greet" }, "skill")],
      [bash("one")],
      [bash("two")],
      [text("Salve.")],
    ],
    findFaults: async ({ cli, asked, read }) => [
      (await read("log.txt")) !== "one\ntwo\n" && `log.txt is ${await read("log.txt")}`,
      !JSON.stringify(asked.at(-1)?.messages).includes("Say SALVE") && "the skill did not reach the model",
      cli.result?.result !== "Salve." && `the answer is ${cli.result?.result}`,
    ],
  };
}

const calendar = `
const say = (id, result) => console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
const when = { type: "string", pattern: "^(?<year>\\\\p{N}{4})$", format: "year" };
const inputSchema = { type: "object", properties: { when, any: { anyOf: [true, { type: "null" }] }, list: { type: ["array", "null"] } } };
const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "cal", version: "1" } }),
  "tools/list": () => ({ tools: [{ name: "find", description: "Finds a day", inputSchema }] }),
  "tools/call": () => ({ content: [{ type: "text", text: "A Sunday" }] }),
};
let waiting = "";
process.stdin.on("data", (bytes) => {
  const lines = (waiting + bytes).split("\\n");
  waiting = lines.pop();
  for (const line of lines) {
    const { id, method, params } = JSON.parse(line);
    if (id !== undefined) say(id, answers[method]?.(params) ?? {});
  }
});
`;

/** A validator in Python, which does not know every format either. */
function findRefusedSchema({ functions }: Asked): FakeReply | undefined {
  for (const { name, parameters } of functions) {
    const json = JSON.stringify(parameters);
    const patterns = [...json.matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(([, text]) =>
      JSON.parse(text ?? '""'),
    );
    const bad = patterns.map(refusedByPython).find((reason) => reason !== undefined);
    if (bad) return refuse(`Invalid schema for function '${name}': ${bad} is not a 'regex'`);
    if (json.includes('"format":"year"'))
      return refuse(`Invalid schema for function '${name}': unknown format "year"`);
    if (json.includes("[true,")) return refuse("Unrecognized schema: true");
  }
  return undefined;
}

const usesOddTool: Scenario = {
  name: "uses-odd-tool",
  files: {
    "cal.js": calendar,
    "mcp.json": JSON.stringify({ mcpServers: { cal: { command: process.execPath, args: ["cal.js"] } } }),
  },
  flags: ["--mcp-config", "mcp.json", "--strict-mcp-config", "--allowedTools", "mcp__cal__find"],
  answersApart: findRefusedSchema,
  // Version 2.1.197 does not wait for its servers.
  rounds: () => [
    [call("Bash", { command: "sleep 2; echo one >> log.txt", description: "Wait" }, "wait")],
    [call("mcp__cal__find", { when: "2026" }, "find")],
    [text("Sunday.")],
  ],
  findFaults: async ({ cli, asked, read }) => [
    !JSON.stringify(asked.at(-1)?.messages).includes("A Sunday") &&
      `the tool was not run: ${JSON.stringify(asked[2]?.messages.at(-1))}`,
    (await read("log.txt")) !== "one\n" && `log.txt is ${await read("log.txt")}`,
    cli.result?.result !== "Sunday." && `the answer is ${cli.result?.result}`,
  ],
};

export const strictScenarios: readonly Scenario[] = [
  usesSkill("uses-skill-with-ordered-roles", "mistral"),
  usesSkill("learns-order-of-roles", "generic"),
  usesOddTool,
];
