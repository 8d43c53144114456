/**
 * A session with PROMPT_COMPRESSION=compact and the prompt that the installed client really sends, in both of its
 * editions. Prints the prompt's tokens before and after.
 */
import { promptSections } from "../../src/catalog/claude-code/claude-code.ts";
import { text, toolCalls } from "../../test/support/fake-upstream.ts";
import { type Asked, type Scenario, textOf } from "./scenario.ts";

/** Headings and white space that would not survive in the system prompt. */
const instructions =
  "# Tone and style\n\n\n\nWrite  two  spaces.\n\n```\nkeep   this\n```\n\n# Harness\n- none";

/** Small enough that the tokens are counted, not estimated; both editions fit. */
const limit = 1500;

const story = (name: string, model: string): Scenario => ({
  name,
  ownProxy: true,
  flags: ["--model", model],
  env: {
    PROMPT_COMPRESSION: "compact",
    PROMPT_MAX_SYSTEM_TOKENS: String(limit),
    LOG_LEVEL: "INFO",
  },
  files: { "CLAUDE.md": instructions },
  rounds: () => [
    [
      toolCalls([
        { id: "call_bash", name: "Bash", arguments: { command: "pwd > where.txt", description: "Run it" } },
      ]),
    ],
    [text("All done.")],
  ],
  findFaults: async ({ cli, asked, read }) => {
    const [first, second] = asked;
    if (!first || !second) return ["the backend was not asked twice"];
    const [, before, after] = /System prompt compacted from=(\d+) to=(\d+)/.exec(cli.errors) ?? [];
    console.log(`   ${name}: ${before} tokens of system prompt became ${after}`);
    const left = promptOf(first).split("\n").filter(isDropped);
    const project = (await read("where.txt"))?.trim();
    const everything = first.messages.map(textOf).join("\n");
    return [
      left.length > 0 && `headings that are still there: ${left.join(", ")}`,
      !promptOf(first).includes("# Way of working") && "there is no guide",
      promptOf(second) !== promptOf(first) && "the prompt changed from one turn to the next",
      !everything.includes(`# Environment\n`) && "the environment is gone",
      !everything.includes(` - Primary working directory: ${project}\n`) && "the working directory is gone",
      !everything.includes(instructions) && "CLAUDE.md is not what it was",
      !/`[^`\n]*\/memory\/`/.test(promptOf(first)) && "the prompt does not say where the client's notes are",
      !(Number(after) <= limit && Number(after) < Number(before)) && `the tokens: ${before}, then ${after}`,
      cli.result?.result !== "All done." && `the answer: ${cli.result?.result}`,
    ];
  },
});

export const compressionScenarios: readonly Scenario[] = [
  story("compresses-lean-prompt", "opus"),
  story("compresses-full-prompt", "claude-sonnet-5"),
];

const promptOf = ({ messages: [system] }: Asked): string => (system?.role === "system" ? textOf(system) : "");

const isDropped = (line: string): boolean =>
  promptSections.some(({ begins, holds }) => holds === "behavior" && begins.test(line));
