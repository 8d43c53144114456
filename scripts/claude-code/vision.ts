/**
 * Claude Code reads a picture for a model that cannot see. `VISION_MODEL` describes it, once, and the description stays
 * in the conversation.
 */
import { type FakeReply, status, text, toolCalls } from "../../test/support/fake-upstream.ts";
import { redPicture } from "./documents.ts";
import { type Asked, type Scenario, textOf } from "./scenario.ts";

const eyes = "vision-model";
const description = "A small square, red all over.";

const holdsPicture = ({ messages }: Asked) => JSON.stringify(messages).includes("image_url");

export const visionScenarios: readonly Scenario[] = [describesPictures()];

function describesPictures(): Scenario {
  let described = 0;
  let refused = 0;
  return {
    name: "describes-pictures",
    settings: { VISION_MODEL: eyes },
    files: { "red.png": redPicture },
    answersApart(asked): FakeReply | undefined {
      if (asked.model === eyes) {
        described += 1;
        return holdsPicture(asked) ? text(description) : status(400);
      }
      if (!holdsPicture(asked)) return undefined;
      refused += 1;
      return status(400, { error: { message: "This model does not support image input" } });
    },
    rounds: (project) => {
      [described, refused] = [0, 0];
      return [
        [toolCalls([{ id: "call_look", name: "Read", arguments: { file_path: `${project}/red.png` } }])],
        [
          toolCalls([
            { id: "call_list", name: "Bash", arguments: { command: "ls", description: "List the files" } },
          ]),
        ],
        [text("It is red.")],
      ];
    },
    findFaults: ({ cli, asked }) => {
      const words = (round: number) => (asked[round]?.messages ?? []).map(textOf).join("\n");
      const block = `<image_description by="${eyes}">\n${description}\n</image_description>`;
      return [
        // A version that is played after another finds a proxy that knows the picture and the model.
        described > 1 && `the picture was described ${described} times`,
        refused > 1 && `a picture was sent to the blind model ${refused} times`,
        ...[1, 2].map(
          (round) => !words(round).includes(block) && `request ${round + 1} lacks the description`,
        ),
        cli.result?.result !== "It is red." && `the answer: ${cli.result?.result}`,
      ];
    },
  };
}
