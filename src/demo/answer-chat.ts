/** The demo backend's answers: a label, an echo, a file of the project, or JSON of the shape that was asked for. */
import { chooseCall, type DemoCall, isFailure } from "./choose-call.ts";
import { readConversation } from "./read-conversation.ts";
import type { DemoRequest } from "./wire.ts";
import { exampleOf } from "./write-example.ts";

export type DemoAnswer = {
  readonly reasoning: string;
  readonly text: string;
  readonly call: DemoCall | undefined;
};

const label = "This is the demo backend, not a model.";
const wayOn = "For real answers, set OPENAI_API_KEY or run the command init, and leave out --demo.";

export function answerChat(request: DemoRequest): DemoAnswer {
  const heard = readConversation(request);
  const call = chooseCall(request, heard);
  const said = `You said ${quote(heard.said)}.`;
  if (call) {
    const isFirst = heard.result === undefined;
    return {
      reasoning: `The demo backend does not think. It saw the tool ${call.name}, and calls it.`,
      text: isFirst ? `${label} ${said} To show a tool call, I use ${call.name}.` : "There is no such file.",
      call,
    };
  }
  return {
    reasoning: "The demo backend does not think. This line shows where reasoning appears.",
    text:
      writeJson(request) ?? `${label} ${heard.result === undefined ? said : report(heard.result)} ${wayOn}`,
    call: undefined,
  };
}

function report(result: string): string {
  if (isFailure(result)) return `Your tool failed: ${quote(result)}.`;
  // Some clients number the lines of a file.
  const isNumbered = /^ *1[\t→]/.test(result);
  const lines = (isNumbered ? result.replace(/^ *\d+(?:[\t→]|$)/gm, "") : result).trimEnd().split("\n");
  const first = lines.find((line) => line.trim() !== "") ?? "";
  return lines.length < 2
    ? `Your tool answered ${quote(first)}.`
    : `Your tool answered ${lines.length} lines, which begin with ${quote(first)}.`;
}

/** An example of the JSON that the request demands; undefined if it demands none. */
function writeJson({ response_format: format }: DemoRequest): string | undefined {
  switch (format?.type) {
    case "json_schema":
      return JSON.stringify(exampleOf(format.json_schema?.schema ?? {}));
    case "json_object":
      return JSON.stringify({ demo: true });
    default:
      return undefined;
  }
}

/** The first words of a text, in quotation marks. */
function quote(text: string): string {
  const words = text.split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return "nothing in words";
  const start = words.slice(0, 30).join(" ");
  const shown = [...start].slice(0, 200).join("");
  return shown === words.join(" ") ? `“${shown}”` : `“${shown} …”`;
}
