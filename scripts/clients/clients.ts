/**
 * Room `scripts/clients/`: clients other than Claude Code, put through the same scenarios. Not here: what is particular
 * to Claude Code, which is in `scripts/claude-code/`.
 *
 * How each names the tools with which it writes and reads files, and what it can be asked for.
 */

export type Client = {
  /** Also of its program in `programs/`. */
  readonly name: string;
  readonly write: (path: string, content: string) => Call;
  readonly read: (path: string) => Call;
  /** Whether its user can ask for JSON of a schema. */
  readonly hasStructuredOutput: boolean;
  /** How often it asks if the backend refuses a request for a reason that it does not know. */
  readonly triesOnRefusal: number;
};

type Call = { readonly name: string; readonly arguments: Readonly<Record<string, string>> };

/** What the programs bring for clients without tools. */
const ours = {
  write: (path: string, content: string): Call => ({ name: "write_file", arguments: { path, content } }),
  read: (path: string): Call => ({ name: "read_file", arguments: { path } }),
  hasStructuredOutput: true,
  triesOnRefusal: 1,
};

export const clients: readonly Client[] = [
  { name: "anthropic-sdk", ...ours },
  {
    name: "agent-sdk",
    write: (file_path, content) => ({ name: "Write", arguments: { file_path, content } }),
    read: (file_path) => ({ name: "Read", arguments: { file_path } }),
    hasStructuredOutput: true,
    // Claude Code leaves out one feature after another.
    triesOnRefusal: 6,
  },
  { name: "ai-sdk", ...ours },
  { name: "langchain", ...ours },
  {
    name: "opencode",
    write: (filePath, content) => ({ name: "write", arguments: { filePath, content } }),
    read: (filePath) => ({ name: "read", arguments: { filePath } }),
    hasStructuredOutput: false,
    triesOnRefusal: 1,
  },
];
