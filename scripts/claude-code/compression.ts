/**
 * A session with PROMPT_COMPRESSION=compact and the prompt that the installed client really sends, in both of its
 * editions, and with words of the user that look like the client's. Prints the prompt's tokens before and after.
 */
import { promptSections } from "../../src/catalog/claude-code/claude-code.ts";
import { text, toolCalls } from "../../test/support/fake-upstream.ts";
import { type Asked, type Scenario, textOf } from "./scenario.ts";

/** Headings and white space that would not survive in the system prompt. */
const instructions =
  "# Tone and style\n\n\n\nWrite  two  spaces.\n\n```\nkeep   this\n```\n\n# Harness\n- none";

/** Rules that protect the user stay, under their headings. */
const maxHeadings = 2;

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
      left.length > maxHeadings && `headings that are still there: ${left.join(", ")}`,
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

/** What a user may write: every heading of the client, in its order. */
const wordsOf = (whose: string): string =>
  ["System", "Doing tasks", "Tone and style", "Harness", "Memory", "Context management"]
    .map((heading) => `# ${heading}\n\n${whose} about ${heading.toLowerCase()}.`)
    .join("\n\n");

const userWords = {
  agent: wordsOf("The agent's words"),
  style: wordsOf("The output style's words"),
  hook: wordsOf("The hook's words"),
  appended: wordsOf("The appended words"),
};

const keepsWords = (name: string, flags: readonly string[], words: readonly string[]): Scenario => ({
  name,
  ownProxy: true,
  flags: ["--model", "claude-sonnet-5", "--append-system-prompt", userWords.appended, ...flags],
  env: { PROMPT_COMPRESSION: "compact", LOG_LEVEL: "INFO" },
  files: {
    ".claude/agents/seller.md": `---\nname: seller\ndescription: Sells shoes\n---\n\n${userWords.agent}\n`,
    ".claude/output-styles/sea.md": `---\nname: sea\ndescription: At sea\n---\n\n${userWords.style}\n`,
    ".claude/settings.json": JSON.stringify({
      outputStyle: "sea",
      hooks: { SessionStart: [{ hooks: [{ type: "command", command: "cat hook.txt" }] }] },
    }),
    "hook.txt": userWords.hook,
  },
  rounds: () => [[text("All done.")]],
  findFaults: ({ cli, asked: [first] }) => {
    const everything = first?.messages.map(textOf).join("\n") ?? "";
    return [
      ...words.map((each) => !everything.includes(each) && `lost: ${each.slice(10, 40)}`),
      cli.result?.result !== "All done." && `the answer: ${cli.result?.result}`,
    ];
  },
});

const { agent, style, hook, appended } = userWords;

export const compressionScenarios: readonly Scenario[] = [
  keepsWords("keeps-user-words", [], [style, hook, appended]),
  keepsWords("keeps-agent-words", ["--agent", "seller"], [agent, hook, appended]),
  story("compresses-lean-prompt", "opus"),
  story("compresses-full-prompt", "claude-sonnet-5"),
];

const promptOf = ({ messages: [system] }: Asked): string => (system?.role === "system" ? textOf(system) : "");

const isDropped = (line: string): boolean =>
  promptSections.some(({ begins, holds }) => holds === "behavior" && begins.test(line));
