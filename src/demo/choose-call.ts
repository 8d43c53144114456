/** Chooses the demo's tool call: one that reads a file of the project, or another that does no harm. */
import { type Conversation, findDirectory } from "./read-conversation.ts";
import type { DemoRequest, DemoTool, JsonSchema } from "./wire.ts";
import { exampleOf } from "./write-example.ts";

export type DemoCall = {
  readonly name: string;
  /** JSON, as on the wire. */
  readonly arguments: string;
};

/** What a project may begin with; the next one is read if there is no such file. */
export const projectFiles = ["README.md", "package.json", "pyproject.toml"] as const;

/**
 * One call in a conversation, unless the client forces more. The client really runs it, so the demo calls only tools
 * that look safe; one that the client forces may look like anything, and gets arguments that mean nothing.
 */
export function chooseCall(request: DemoRequest, { result, calls }: Conversation): DemoCall | undefined {
  const { tool_choice: choice } = request;
  const tools = request.tools ?? [];
  const reader = tools.find(readsFiles);
  const untried = projectFiles.filter((file) => !calls.some((args) => args.includes(file)));
  if (result !== undefined) {
    const goesOn = reader && calls.length > 0 && isFailure(result);
    return goesOn && untried[0] ? writeCall(reader, findPath(request, untried[0])) : undefined;
  }
  if (choice === "none") return undefined;
  const path = findPath(request, projectFiles[0]);
  const forced = typeof choice === "object" && choice ? choice.function.name : undefined;
  if (forced !== undefined) {
    const tool = tools.find(({ function: { name } }) => name === forced);
    return tool && writeCall(tool, isSafe(tool) ? path : undefined);
  }
  if (choice !== "required" && calls.length > 0) return undefined;
  const safe = reader ?? bySimplicity(tools.filter(isSafe))[0];
  if (safe) return writeCall(safe, path);
  const any = choice === "required" ? bySimplicity(tools)[0] : undefined;
  return any && writeCall(any, undefined);
}

/** The words in which tools and clients say that there is no such file. */
export function isFailure(result: string): boolean {
  if (/^(?:<tool_use_error>|Error\b)/.test(result)) return true;
  // Longer ones are files, which may contain anything.
  return result.length < 300 && /does not exist|no such file|not found/i.test(result);
}

/** @param path for an argument that names a file */
function writeCall({ function: { name, parameters } }: DemoTool, path: string | undefined): DemoCall {
  const schema = parameters ?? {};
  const example = exampleOf(schema);
  const field = path === undefined ? undefined : requiredOf(schema).find((key) => namesFile(key));
  const args =
    field !== undefined && typeof example === "object" ? { ...example, [field]: path } : (example ?? {});
  return { name, arguments: JSON.stringify(args) };
}

/** Absolute if the client says where it works, because some tools demand that. */
function findPath(request: DemoRequest, file: string): string {
  const directory = findDirectory(request);
  if (directory === undefined) return file;
  const separator = directory.includes("\\") ? "\\" : "/";
  return directory.endsWith(separator) ? directory + file : directory + separator + file;
}

const safeWords = /^(read|list|ls|get|glob|grep|search|find|view|show|lookup|count|echo|weather|time)$/;
const riskyWords =
  /^(write|edit|create|make|add|set|put|post|send|update|replace|delete|remove|drop|kill|stop|run|exec|execute|bash|shell|web|fetch|push|pay|buy|move|rename|install)$/;

function isSafe(tool: DemoTool): boolean {
  const words = wordsOf(tool);
  return words.some((word) => safeWords.test(word)) && !words.some((word) => riskyWords.test(word));
}

function readsFiles(tool: DemoTool): boolean {
  return (
    isSafe(tool) &&
    wordsOf(tool).some((word) => word === "read" || word === "view") &&
    requiredOf(tool.function.parameters ?? {}).some(namesFile)
  );
}

function namesFile(key: string): boolean {
  return /path|file/i.test(key);
}

function wordsOf({ function: { name } }: DemoTool): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

function bySimplicity(tools: readonly DemoTool[]): DemoTool[] {
  const size = (tool: DemoTool): number => requiredOf(tool.function.parameters ?? {}).length;
  return tools.toSorted((a, b) => size(a) - size(b));
}

function requiredOf({ required }: JsonSchema): string[] {
  return Array.isArray(required) ? required.map(String) : [];
}
