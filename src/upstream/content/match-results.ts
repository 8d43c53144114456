/** Finds the result of each call, and writes it as parts; media may have to stand outside of it. */
import type { RequestToolUseBlock, ToolResultBlock } from "../../anthropic/wire.ts";
import type { ContentPart } from "./parts.ts";
import { type ContentOptions, markLast, textPart, writeBlock } from "./write-content.ts";

/** A result, and where it is in the client's body. */
export type PlacedResult = { readonly block: ToolResultBlock; readonly at: string };

/** Stands for the result of a call that has none. */
export const noResult = "[The call was interrupted and has no result]";

/** The result of each call: the last one with its id; calls with the same id get the results in order. */
export function matchResults(
  results: readonly PlacedResult[],
  calls: readonly RequestToolUseBlock[],
): ReadonlyMap<RequestToolUseBlock, PlacedResult | undefined> {
  const resultsOf = Map.groupBy(results, ({ block }) => block.tool_use_id);
  return new Map(
    [...Map.groupBy(calls, ({ id }) => id)].flatMap(([id, sharing]) => {
      const own = resultsOf.get(id) ?? [];
      return sharing.map((call, at) => [call, sharing.length === 1 ? own.at(-1) : own[at]] as const);
    }),
  );
}

/** The parts of a result; never empty. An error says so. */
export function writeResult({ block, at }: PlacedResult, options: ContentOptions): ContentPart[] {
  return markLast(writeResultParts(block, at, options), block, options);
}

function writeResultParts(result: ToolResultBlock, at: string, options: ContentOptions): ContentPart[] {
  const parts = (result.content ?? []).flatMap((block, i) =>
    writeBlock(block, `${at}.content.${i}`, options),
  );
  const [first] = parts;
  if (result.is_error !== true) return first ? parts : [textPart("(no output)")];
  if (first?.type !== "text") return [textPart("Error: (no details)"), ...parts];
  return first.text.startsWith("Error")
    ? parts
    : [{ ...first, text: `Error: ${first.text}` }, ...parts.slice(1)];
}

/** The parts of a call's result, and those that the backend accepts only after all results. */
export function writeCallResult(
  result: PlacedResult,
  { name, toolset_name }: RequestToolUseBlock,
  options: ContentOptions,
): { readonly inside: ContentPart[]; readonly after: ContentPart[] } {
  const parts = writeResult(result, options);
  const media = parts.filter((part) => part.type !== "text");
  if (media.length === 0 || options.quirks.media.toolResultImages === "in-place")
    return { inside: parts, after: [] };
  return {
    inside: parts.map((part) => (part.type === "text" ? part : textPart("[See the attachment below]"))),
    after: [textPart(`Attached to the result of ${options.toolName(name, toolset_name)}:`), ...media],
  };
}

/** A result without its call, as in truncated history: OpenAI would refuse it as a result. */
export function writeOrphan(result: PlacedResult, options: ContentOptions): ContentPart[] {
  return [textPart(`[Result of tool call ${result.block.tool_use_id}]`), ...writeResult(result, options)];
}
