/** What backends refuse, and how the session goes on. */
import { type FakeReply, status, text, toolCalls } from "../../test/support/fake-upstream.ts";
import { redPicture } from "./documents.ts";
import { type Asked, type Scenario, textOf } from "./scenario.ts";

const refusal = (message: string, code = 400): FakeReply =>
  status(code, { error: { message, type: "invalid_request_error", param: null, code } });
const bash = (id: string) =>
  toolCalls([{ id: `call_${id}`, name: "Bash", arguments: { command: "echo on", description: "Run it" } }]);
const read = (path: string) => toolCalls([{ id: "call_read", name: "Read", arguments: { file_path: path } }]);

const picturesOf = (asked: Asked | undefined): number =>
  (asked?.messages ?? [])
    .flatMap(({ content }) => (typeof content === "string" ? [] : (content ?? [])))
    .filter((part) => part.image_url).length;
const wordsOf = (asked: Asked | undefined): string => (asked?.messages ?? []).map(textOf).join("\n");

/** A picture that the backend refuses once; then another turn, and an answer. */
function refusesImage(name: string, message: string, words: string, code?: number): Scenario {
  return {
    name,
    // What one proxy has learned, another has not.
    ownProxy: true,
    files: { "red.png": redPicture },
    rounds: (project) => [
      [read(`${project}/red.png`)],
      [refusal(message, code), bash("on")],
      [text("I cannot see it, but I go on.")],
    ],
    findFaults: ({ cli, asked }) => {
      const [, refused, again, last] = asked;
      return [
        asked.length !== 4 && `the backend was asked ${asked.length} times, not 4`,
        picturesOf(refused) !== 1 && "the picture was not sent",
        picturesOf(again) !== 0 && "the picture was sent again",
        picturesOf(last) !== 0 && "the picture was sent in the next turn",
        !wordsOf(last).includes(words) && "the model was not told",
        cli.result?.result !== "I cannot see it, but I go on." && `the answer is ${cli.result?.result}`,
      ];
    },
  };
}

/** The window is full: the client summarizes the conversation and goes on. */
function compacts(name: string, message: string, code?: number): Scenario {
  return {
    name,
    rounds: () => [
      [bash("first")],
      ...["second", "third", "fourth"].map((id) => [bash(id)]),
      [refusal(message, code)],
    ],
    compaction: { summary: `[scenario ${name}] Four commands were run.`, goesOn: "Shorter now." },
    findFaults: ({ cli, asked }) => [
      !wordsOf(asked[5]).includes("summary") && "no summary was asked for",
      cli.result?.result !== "Shorter now." && `the answer is ${cli.result?.result}`,
    ],
  };
}

export const refusalScenarios: readonly Scenario[] = [
  refusesImage("sees-no-images", "image input is not supported", "this model cannot see images", 500),
  refusesImage("refuses-one-image", "Unable to process input image. Please retry", "it could not be read"),
  compacts("compacts-without-numbers", "max_tokens must be at least 1, got -853"),
  compacts("compacts-with-numbers", "Requested tokens (590123) exceed context window of 51200", 500),
];
