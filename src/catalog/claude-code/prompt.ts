/**
 * The parts of Claude Code's system prompt: the headings that begin them, and nothing else of its text. A heading says
 * where to look; what is the client's is decided by `passages.ts`. There are two editions: a lean one, also for names it
 * does not know, and a full one for other models, such as `claude-sonnet-5`.
 */
import { reminderTag } from "./reminders.ts";

export type SectionContent =
  /** How to behave; the same in every session. */
  | "behavior"
  /** What this session offers, such as agents and skills. */
  | "session"
  /** What no model can know: the environment, the project, the user's instructions. */
  | "context";

export type PromptSection = {
  /** The beginning of its first line. */
  readonly begins: RegExp;
  readonly holds: SectionContent;
  /**
   * Where it ends: at the next heading, at the next heading of its own level, after its first paragraph, or nowhere.
   */
  readonly extent: "section" | "chapter" | "paragraph" | "rest";
  /**
   * Applies everywhere; other rows apply only above the environment. Below it are the user's choices (output style,
   * language) and words (`--append-system-prompt`), which may have headings like the client's.
   */
  readonly anywhere?: true;
  /** Says where the client keeps its notes. */
  readonly namesMemory?: true;
};

const heading = (words: string, level = 1): RegExp => new RegExp(`^#{${level}} ${words}(?: \\(|$)`);
const behavior = (words: string, level = 1): PromptSection => ({
  begins: heading(words, level),
  holds: "behavior",
  extent: "section",
});

/** A line above the content of an instruction file: a path that ends in `.md`, a remark, a colon. */
const instructionFile = /^\S.*[/\\][^/\\]*\.md(?: \(.*\))?:$/;

/** The first row that matches a line applies. */
export const promptSections: readonly PromptSection[] = [
  // Full edition, in its order. Seen in 2.1.197 to 2.1.332.
  behavior("System"),
  behavior("Doing tasks"),
  behavior("Executing actions with care"),
  behavior("Using your tools"),
  behavior("Tone and style"),
  behavior("Text output"),
  { ...behavior("auto memory"), namesMemory: true },
  behavior("Types of memory", 2),
  behavior("What NOT to save in memory", 2),
  behavior("How to save memories", 2),
  behavior("When to access memories", 2),
  behavior("Before recommending from memory", 2),
  behavior("Memory and other forms of persistence", 2),
  // Lean edition. Seen in 2.1.197 to 2.1.332.
  behavior("Harness"),
  { ...behavior("Memory"), namesMemory: true },
  // Both editions. Seen in 2.1.197 to 2.1.332.
  { begins: heading("Session-specific guidance"), holds: "session", extent: "section" },
  // Both, the last of the client's headings: what follows its first paragraph may be the user's.
  { begins: heading("Context management"), holds: "behavior", extent: "paragraph", anywhere: true },
  // The editor's extension adds its own to the end of the prompt.
  { begins: /^# VS ?Code\b/, holds: "behavior", extent: "chapter", anywhere: true },

  // In the system prompt; in 2.1.330 and 2.1.332 also in the first system message of the conversation.
  { begins: /^# Environment\b/, holds: "context", extent: "section", anywhere: true },
  // At the very end. Commit messages may look like anything. Seen in 2.1.197.
  { begins: /^gitStatus:/, holds: "context", extent: "rest", anywhere: true },
  { begins: heading("gitStatus"), holds: "context", extent: "rest", anywhere: true },
  // The project's instructions have headings of their own. Seen in 2.1.197 to 2.1.332.
  { begins: heading("claudeMd"), holds: "context", extent: "rest", anywhere: true },
  { begins: instructionFile, holds: "context", extent: "rest", anywhere: true },
  { begins: heading("currentDate"), holds: "context", extent: "section", anywhere: true },
];

/** Tags around blocks of lines that are context, in whatever section. Seen in 2.1.197 to 2.1.332. */
export const contextTags: ReadonlySet<string> = new Set(["env", reminderTag]);
