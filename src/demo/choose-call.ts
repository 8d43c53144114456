/** Chooses the demo's tool call: one that reads a file of the project, or another that does no harm. */
import { chooseFile, listFiles, projectFiles } from "./choose-file.ts";
import { type Conversation, findDirectory } from "./read-conversation.ts";
import type { DemoRequest, DemoTool, JsonSchema } from "./wire.ts";
import { exampleOf } from "./write-example.ts";

export type DemoCall = {
  readonly name: string;
  /** JSON, as on the wire. */
  readonly arguments: string;
};

/**
 * One call in a conversation, two to look before reading, or what the client forces. The client really runs it, so the
 * demo calls only tools that look safe; one that the client forces may look like anything, and gets arguments that mean
 * nothing.
 */
export function chooseCall(request: DemoRequest, conversation: Conversation): DemoCall | undefined {
  const { tool_choice: choice } = request;
  const tools = request.tools ?? [];
  if (conversation.result !== undefined) return goOn(request, conversation, conversation.result);
  if (choice === "none") return undefined;
  const directory = findDirectory(request);
  const files = directory === undefined ? undefined : listFiles(directory);
  const file = files && chooseFile(files);
  const path = findPath(directory, file ?? projectFiles[0]);
  const forced = typeof choice === "object" && choice ? choice.function.name : undefined;
  if (forced !== undefined) {
    const tool = tools.find(({ function: { name } }) => name === forced);
    return tool && writeCall(tool, isSafe(tool) ? path : undefined);
  }
  if (choice !== "required" && conversation.calls.length > 0) return undefined;
  const reader = tools.find(readsFiles);
  const looker = tools.find(listsFiles);
  const safe = reader ? (file === undefined && looker) || reader : bySimplicity(tools.filter(isSafe))[0];
  const hasNothing = safe === reader && files !== undefined && file === undefined;
  if (safe && (choice === "required" || !hasNothing))
    return writeCall(safe, listsFiles(safe) ? (directory ?? ".") : path);
  const any = choice === "required" ? bySimplicity(tools)[0] : undefined;
  return any && writeCall(any, undefined);
}

/** After a tool's answer: reads a file that it has listed, or another one if there was no such file. */
function goOn(request: DemoRequest, { calls }: Conversation, result: string): DemoCall | undefined {
  const tools = request.tools ?? [];
  const reader = tools.find(readsFiles);
  const last = calls.at(-1);
  if (!reader || !last) return undefined;
  const directory = findDirectory(request);
  if (tools.some((tool) => listsFiles(tool) && tool.function.name === last.name)) {
    const listed = chooseFile(result.split("\n").map((line) => line.trim()));
    return listed === undefined ? undefined : writeCall(reader, findPath(directory, listed));
  }
  const untried = projectFiles.find((file) => !calls.some((call) => call.arguments.includes(file)));
  return untried && isFailure(result) ? writeCall(reader, findPath(directory, untried)) : undefined;
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
function findPath(directory: string | undefined, file: string): string {
  if (directory === undefined || /^(?:\/|[a-z]:\\)/i.test(file)) return file;
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

/** A tool such as Glob, `ls` or `list_directory`; not one that lists something else. */
function listsFiles(tool: DemoTool): boolean {
  const words = wordsOf(tool);
  const isOfFiles = words.some((word) => /^(?:files?|dir(?:ectory|ectories)?|folders?)$/.test(word));
  return isSafe(tool) && words.some((word) => /^(?:glob|ls)$/.test(word) || (word === "list" && isOfFiles));
}

/** An argument that names a file or a directory. */
function namesFile(key: string): boolean {
  return /path|file|dir|folder/i.test(key);
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
