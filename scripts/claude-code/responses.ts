/** Sessions with a model that is asked at `/responses`: tools, parallel calls, pictures, and reasoning that comes back. */
import { z } from "zod";
import { respond, status } from "../../test/support/fake-upstream.ts";
import { callItem, type FakeItem, messageItem, reasoningItem } from "../../test/support/responses-replies.ts";
import { redPicture } from "./documents.ts";
import { type Asked, type Scenario, textOf } from "./scenario.ts";

const body = z.looseObject({
  input: z.array(z.looseObject({ type: z.string(), id: z.string().optional() })),
});
const inputOf = (asked: Asked | undefined) => (asked ? body.parse(asked.body).input : []);
const typesOf = (asked: Asked | undefined) => inputOf(asked).map(({ type }) => type);

const bash = (id: string, command: string) => callItem(id, "Bash", { command, description: "Run it" });
const settings = { BIG_MODEL: "gpt-5.4", MIDDLE_MODEL: "gpt-5.4", SMALL_MODEL: "gpt-5.4" };

/** Every item of a turn comes back in its place, in the next request and in the one after. */
const keepsReasoning: Scenario = {
  name: "keeps-reasoning-items",
  backend: "openai",
  settings,
  files: { "left.txt": "left hand\n" },
  rounds: (project) => [
    [
      respond({
        items: [
          reasoningItem("rs_1", "**Look at both hands**"),
          { ...messageItem("I look at both."), phase: "commentary" },
          callItem("call_left_hand", "Read", { file_path: `${project}/left.txt` }),
          bash("call_right_hand", "echo right hand > right.txt && echo written"),
        ],
        mixed: true,
        pieces: 5,
      }),
    ],
    [respond([reasoningItem("rs_2"), bash("call_last_hand", "cat right.txt >> both.txt")])],
    [respond([reasoningItem("rs_3", "Done"), { ...messageItem("Both done."), phase: "final_answer" }])],
  ],
  findFaults: async ({ cli, asked, read }) => {
    const said: FakeItem["type"][] | string[] = typesOf(asked[2]);
    const end = said.slice(said.indexOf("reasoning"));
    const wanted =
      "reasoning message function_call function_call function_call_output function_call_output reasoning function_call function_call_output";
    const ids = inputOf(asked[2]).flatMap(({ type, id }) => (type === "reasoning" ? [id] : []));
    return [
      (await read("both.txt")) !== "right hand\n" && `both.txt is ${await read("both.txt")}`,
      !end.join(" ").startsWith(wanted) && `the items were ${said.join(" ")}`,
      ids.join(" ") !== "rs_1 rs_2" && `the reasoning was ${ids.join(" ")}`,
      !JSON.stringify(inputOf(asked[2])).includes('"phase":"commentary"') && "the phase was lost",
      cli.result?.result !== "Both done." && `the answer is ${cli.result?.result}`,
    ];
  },
};

const seesPicture: Scenario = {
  name: "sees-picture-in-output",
  backend: "openai",
  settings,
  files: { "red.png": redPicture },
  rounds: (project) => [
    [respond([callItem("call_picture", "Read", { file_path: `${project}/red.png` })])],
    [respond([messageItem("It is red.")])],
  ],
  findFaults: ({ cli, asked }) => {
    const output = inputOf(asked[1]).find(({ type }) => type === "function_call_output");
    return [
      !JSON.stringify(output).includes("data:image/png;base64,iVBOR") &&
        "the picture is not in the call's output",
      cli.result?.result !== "It is red." && `the answer is ${cli.result?.result}`,
    ];
  },
};

/** The model is known to no rule: a refusal tells how to ask it. */
const movesToResponses: Scenario = {
  name: "moves-to-responses",
  answersApart: ({ body }) =>
    body !== null && typeof body === "object" && "messages" in body
      ? status(400, {
          error: {
            message: 'model "big-model" is not accessible via the /chat/completions endpoint',
            code: "unsupported_api_for_model",
          },
        })
      : undefined,
  settings: { BIG_MODEL: "gpt-5-x", MIDDLE_MODEL: "gpt-5-x", SMALL_MODEL: "gpt-5-x" },
  rounds: () => [
    [respond([reasoningItem("rs_1"), bash("call_only_hand", "echo one >> log.txt")])],
    [respond([messageItem("Moved.")])],
  ],
  findFaults: async ({ cli, asked, read }) => [
    (await read("log.txt")) !== "one\n" && `log.txt is ${await read("log.txt")}`,
    !textOf(asked[0]?.messages.at(-1) ?? { role: "user" }).includes("moves-to-responses") &&
      "the prompt did not come last",
    cli.result?.result !== "Moved." && `the answer is ${cli.result?.result}`,
  ],
};

export const responsesScenarios: readonly Scenario[] = [keepsReasoning, seesPicture, movesToResponses];
