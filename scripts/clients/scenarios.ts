/** What each client is put through: what the model says, and what must come of it. */
import { type FakeReply, status, text, toolCalls } from "../../test/support/fake-upstream.ts";
import type { Client } from "./clients.ts";
import type { Question } from "./scripted-model.ts";

export type Scenario = {
  readonly name: string;
  /** What its program is to do. */
  readonly task: "text" | "tools" | "structured";
  readonly files?: Readonly<Record<string, string>>;
  /** The answer to a question; `turn` counts the rounds of tools before it, and `attempt` how often it was asked. */
  reply(question: Question, turn: number, attempt: number, stage: Stage): FakeReply;
  findFaults(outcome: Outcome): Promise<readonly (string | false)[]> | readonly (string | false)[];
};

export type Stage = { readonly client: Client; readonly project: string };

export type Outcome = {
  readonly client: Client;
  readonly said: { readonly text?: string; readonly object?: unknown; readonly error?: string };
  /** What the model was asked, in order. */
  readonly asked: readonly Question[];
  read(path: string): Promise<string | undefined>;
};

const city = { city: "Lima", people: 10_000_000 };
const refusal = "The moon is in the wrong phase";

const differs = (what: string, seen: unknown, wanted: unknown): string | false =>
  !Bun.deepEquals(seen, wanted) && `${what}: ${JSON.stringify(seen)}, not ${JSON.stringify(wanted)}`;

export const scenarios: readonly Scenario[] = [
  {
    name: "text",
    task: "text",
    reply: () => text("Hello from the “backend”."),
    findFaults: ({ said, asked }) => [
      differs("the text", said.text, "Hello from the “backend”."),
      differs("models", [...new Set(asked.map(({ model }) => model))], ["middle-model"]),
    ],
  },
  {
    name: "tools",
    task: "tools",
    reply: (_, turn, __, { client, project }) => {
      if (turn === 0) return call(["w", client.write(`${project}/notes.txt`, "alpha “ß”\n")]);
      if (turn === 1) return call(["r", client.read(`${project}/notes.txt`)]);
      return text("It says alpha.");
    },
    findFaults: async ({ said, asked, read }) => [
      differs("notes.txt", await read("notes.txt"), "alpha “ß”\n"),
      !asked.at(-1)?.results.some(({ content }) => content.includes("alpha “ß”")) &&
        "the file that was read did not reach the model",
      differs("the text", said.text?.endsWith("It says alpha."), true),
    ],
  },
  {
    name: "parallel",
    task: "tools",
    files: { "left.txt": "left hand\n", "right.txt": "right hand\n" },
    reply: (_, turn, __, { client, project }) =>
      turn === 0
        ? call(["left", client.read(`${project}/left.txt`)], ["right", client.read(`${project}/right.txt`)])
        : text("Both read."),
    findFaults: ({ said, asked }) => {
      const { calls = [], results = [] } = asked.at(-1) ?? {};
      const resultOf = (hand: string) => {
        const id = calls.find((made) => made.arguments.includes(hand))?.id;
        return results
          .filter((result) => result.id === id)
          .map(({ content }) => content.includes(`${hand} hand`));
      };
      return [
        differs("results of the left call", resultOf("left"), [true]),
        differs("results of the right call", resultOf("right"), [true]),
        differs("the text", said.text?.endsWith("Both read."), true),
      ];
    },
  },
  {
    name: "structured",
    task: "structured",
    reply(question, turn) {
      if (question.wantsJson) return text(JSON.stringify(city));
      const [first] = question.tools.filter((name) => name === question.forced || /structured/i.test(name));
      if (first === undefined) return status(400, { error: { message: "No JSON was asked for" } });
      return turn === 0 ? call(["s", { name: first, arguments: city }]) : text("Done.");
    },
    findFaults: ({ said }) => [differs("the object", said.object, city)],
  },
  {
    name: "refusal",
    task: "text",
    reply: () =>
      status(400, { error: { message: refusal, type: "invalid_request_error", param: null, code: null } }),
    findFaults: ({ said, asked, client }) => [
      !said.error?.includes(refusal) &&
        `the error does not have the backend's words: ${JSON.stringify(said)}`,
      differs("how often the backend was asked", asked.length, client.triesOnRefusal),
    ],
  },
  {
    name: "rate-limit",
    task: "text",
    reply: (_, __, attempt) =>
      attempt === 1
        ? status(429, { error: { message: "Slow down", type: "requests", param: null, code: "rate_limit" } })
        : text("Patience."),
    findFaults: ({ said, asked }) => [
      differs("the text", said.text, "Patience."),
      differs("how often the backend was asked", asked.length, 2),
    ],
  },
];

function call(
  ...made: readonly (readonly [string, { readonly name: string; readonly arguments: object }])[]
) {
  return toolCalls(made.map(([id, one]) => ({ id: `call_${id}`, ...one })));
}
