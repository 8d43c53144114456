/** Searches deferred tools, as Anthropic's tool search does: by a regular expression, or in words. */
import { isObject, type JsonObject } from "../lib/json.ts";
import { letOthersRun } from "../lib/let-others-run.ts";
import { compilePattern, PatternError } from "../lib/linear-pattern.ts";
import { rankTexts } from "../lib/rank-texts.ts";
import type { ToolsSearchFault } from "../reply.ts";
import type { CallableTool } from "./read-tool.ts";

/** Characters of a pattern. Source: Anthropic, tool search. */
export const maxPatternLength = 200;
const maxQueryLength = 2000;

/** Tools that one search loads. Source: Anthropic, tool search. */
const maxFound = 5;

/** About a fifth of a second, for all tools together. */
const maxSteps = 4_000_000;

/** Steps after which others may have their turn. */
const stepsInARow = 100_000;

/** Levels of a schema. */
const maxDepth = 6;

/**
 * The names of the tools that match, best first.
 *
 * @param tools those that may be found
 * @param input what the model wrote
 */
export async function searchTools(
  tools: readonly CallableTool[],
  form: "regex" | "bm25",
  input: JsonObject,
): Promise<string[] | ToolsSearchFault> {
  const names = await (form === "regex"
    ? findByPattern(tools, input.pattern)
    : findByWords(tools, input.query));
  return Array.isArray(names) ? [...new Set(names)].slice(0, maxFound) : names;
}

async function findByPattern(
  tools: readonly CallableTool[],
  pattern: unknown,
): Promise<string[] | ToolsSearchFault> {
  if (typeof pattern !== "string" || pattern === "") return invalid("The pattern must be a string");
  if (pattern.length > maxPatternLength)
    return invalid(`The pattern must have at most ${maxPatternLength} characters`);
  try {
    const { test } = compilePattern(pattern);
    const budget = { steps: maxSteps };
    const matches = (text: string) => test(text, budget);
    /** By name, by description, by arguments. */
    const found: readonly string[][] = [[], [], []];
    let pauseAt = budget.steps - stepsInARow;
    for (const { name, description = "", schema } of tools) {
      const rank = matches(name)
        ? 0
        : matches(description)
          ? 1
          : listParameterTexts(schema).some(matches)
            ? 2
            : 3;
      found[rank]?.push(name);
      if (budget.steps > pauseAt) continue;
      pauseAt = budget.steps - stepsInARow;
      await letOthersRun();
    }
    return found.flat();
  } catch (thrown) {
    if (!(thrown instanceof PatternError)) throw thrown;
    const code = thrown.isTimeout ? "execution_time_exceeded" : "invalid_tool_input";
    return { code, message: thrown.message };
  }
}

async function findByWords(
  tools: readonly CallableTool[],
  query: unknown,
): Promise<string[] | ToolsSearchFault> {
  if (typeof query !== "string" || query.trim() === "") return invalid("The query must be a string");
  if (query.length > maxQueryLength)
    return invalid(`The query must have at most ${maxQueryLength} characters`);
  const texts = tools.map(({ name, description = "", schema }) => ({
    title: name,
    body: [description, ...listParameterTexts(schema)].join("\n"),
  }));
  const places = await rankTexts(texts, query);
  return places.flatMap((place) => tools[place]?.name ?? []);
}

/** The names and descriptions of arguments, those inside others included. */
function listParameterTexts(schema: unknown, depth = 0): string[] {
  if (!isObject(schema) || depth > maxDepth) return [];
  const properties = isObject(schema.properties) ? Object.entries(schema.properties) : [];
  return [
    ...properties.flatMap(([name, member]) => [
      name,
      ...(isObject(member) && typeof member.description === "string" ? [member.description] : []),
      ...listParameterTexts(member, depth + 1),
    ]),
    ...listParameterTexts(schema.items, depth + 1),
  ];
}

function invalid(message: string): ToolsSearchFault {
  return { code: "invalid_tool_input", message };
}
