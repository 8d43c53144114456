/** System prompts built like Claude Code's, in words of our own. */
import { fingerprintPassage } from "../../src/adapt/system-prompt/find-own-passages.ts";
import { splitPrompt } from "../../src/adapt/system-prompt/split-prompt.ts";

export const billing = "x-anthropic-billing-header: cc_version=2.1.330.abc; cc_entrypoint=cli;";
export const identity = "You are a test of Claude Code.";
export const memoryPath = "/home/ann lee/.claude/projects/-work/memory/";

const prose = (about: string): string =>
  `${"One more  rule that every model hears. ".repeat(16)}  \n\n\n - ${about}:  do this.\n - Also do that.`;

export const environment = `# Environment
You work  here:
 - Primary working directory: /home/me/my  project
 - Platform: linux`;

export const gitStatus = `gitStatus: a snapshot.

Current branch: main


Recent commits:
1234567 # Tone and style`;

/** Headings that no compressed prompt contains. */
export const lean = ["# Harness", "# Memory", "# Context management"];
export const full = [
  "# System",
  "# Doing tasks",
  "# Executing actions with care",
  "# Using your tools",
  "# Tone and style",
  "# Text output (does not apply to tool calls)",
  "# auto memory",
  "## Types of memory",
  "## What NOT to save in memory",
  "## How to save memories",
  "## When to access memories",
  "## Before recommending from memory",
  "## Memory and other forms of persistence",
  "# Context management",
];

/** The long block of an edition; `extra` is where `--append-system-prompt` puts it. */
export function promptOf(headings: readonly string[], extra = ""): string {
  const own = headings.filter((heading) => heading !== "# Context management");
  const sections = own.map((heading) => {
    const isMemory = heading === "# Memory" || heading === "# auto memory";
    const where = isMemory
      ? `Notes are in \`${memoryPath}\`.\n\n\`\`\`markdown\n# Tone and style\n\`\`\`\n\n`
      : "";
    return `${heading}\n\n${where}${prose(heading.replace(/^#+ /, ""))}`;
  });
  return [
    "\nYou help with software.",
    ...sections,
    "# Session-specific guidance\n - Skills are called by name.",
    environment,
    "# Context management\nOld talk is condensed.",
    ...(extra === "" ? [] : [extra]),
    gitStatus,
  ].join("\n\n");
}

/** What the client sends as `system`. */
export const systemOf = (prompt: string): { type: "text"; text: string; cache_control?: object }[] => [
  { type: "text", text: billing },
  { type: "text", text: identity, cache_control: { type: "ephemeral" } },
  { type: "text", text: prompt, cache_control: { type: "ephemeral" } },
];

/** What the tests take for the client's passages. */
export const passages: ReadonlySet<string> = new Set(
  [lean, full].flatMap((headings) =>
    splitPrompt(promptOf(headings)).map(({ text }) => fingerprintPassage(text)),
  ),
);
