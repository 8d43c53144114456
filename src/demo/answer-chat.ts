/** The demo backend's answers: a label, an echo, and at most one harmless tool call. */

import { type DemoMessage, type DemoRequest, type DemoTool, textOf } from "./wire.ts";
import { exampleOf } from "./write-example.ts";

export type DemoAnswer = {
  readonly reasoning: string;
  readonly text: string;
  /** `arguments` is JSON, as on the wire. */
  readonly call: { readonly name: string; readonly arguments: string } | undefined;
};

export function answerChat(request: DemoRequest): DemoAnswer {
  const { messages } = request;
  const turn = messages.slice(messages.findLastIndex(({ role }) => role === "assistant") + 1);
  const results = turn.filter(({ role }) => role === "tool");
  const tool = results.length === 0 ? chooseTool(request) : undefined;
  const said = quote(turn.findLast(({ role }) => role === "user") ?? results.at(-1));
  if (tool) {
    const { name } = tool.function;
    return {
      reasoning: `The demo backend does not think; it saw the tool ${name} and will call it once.`,
      text: `This is the demo backend, not a model. You said ${said}. To show a tool call, I use ${name}.`,
      call: { name, arguments: JSON.stringify(exampleOf(tool.function.parameters ?? {})) },
    };
  }
  const heard = results.length === 0 ? `You said ${said}.` : `Your tool answered ${quote(results.at(-1))}.`;
  return {
    reasoning: "The demo backend does not think; this line shows where reasoning appears.",
    text: `This is the demo backend, not a model. ${heard} Set OPENAI_API_KEY and leave out --demo for real answers.`,
    call: undefined,
  };
}

const safeWords = /^(read|list|ls|get|glob|grep|search|find|view|show|lookup|count|echo|weather|time)$/;
const riskyWords =
  /^(write|edit|create|make|add|set|put|post|send|update|replace|delete|remove|drop|kill|stop|run|exec|execute|bash|shell|web|fetch|push|pay|buy|move|rename|install)$/;

/**
 * Picks a read-only tool, the one with the fewest required parameters, because the client will really run it. A tool
 * that the client forces by name need not look safe, but must not look risky.
 */
function chooseTool({ tools, tool_choice: choice }: DemoRequest): DemoTool | undefined {
  if (choice === "none") return undefined;
  const demanded = typeof choice === "object" ? choice?.function.name : undefined;
  const wordsOf = ({ function: { name } }: DemoTool): string[] =>
    name
      .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
      .toLowerCase()
      .split(/[^a-z0-9]+/);
  const required = ({ function: { parameters } }: DemoTool): number =>
    Array.isArray(parameters?.required) ? parameters.required.length : 0;
  return (tools ?? [])
    .filter((tool) => demanded === undefined || tool.function.name === demanded)
    .filter((tool) => !wordsOf(tool).some((word) => riskyWords.test(word)))
    .filter((tool) => demanded !== undefined || wordsOf(tool).some((word) => safeWords.test(word)))
    .toSorted((a, b) => required(a) - required(b))[0];
}

/** The last words of a message, in quotation marks. */
function quote(message: DemoMessage | undefined): string {
  const words = (message ? textOf(message) : "").split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return "nothing in words";
  const tail = words.slice(-12).join(" ").slice(-120);
  return `“${words.length > 12 ? "… " : ""}${tail}”`;
}
