/**
 * Shapes that some servers give to the chunks of an answer, as changes of ordinary chunks: whatever the shape, the
 * answer means the same.
 */
import fc from "fast-check";
import { asString, isObject, type JsonObject } from "../../src/lib/json.ts";
import type { GeneratedReply } from "./generators.ts";

export const oddShape = fc.record({
  calls: fc.constantFrom("list", "object", "numbered"),
  /** The choice that calls come in. */
  callChoice: fc.constantFrom(0, 1),
  /** One call is spread over several indexes. */
  spreadIndexes: fc.boolean(),
  /** All calls come once more at the end, whole, under new indexes. */
  callsAgain: fc.boolean(),
  content: fc.constantFrom("text", "parts", "part"),
  reasoning: fc.constantFrom("text", "object", "parts"),
  /** White space as reasoning after each piece of text. */
  blankReasoning: fc.boolean(),
  noFinish: fc.constantFrom(null, "null", ""),
  /** A word of the server's own for a natural end, which nothing may follow. */
  ownWord: fc.boolean(),
  /** The last chunk repeats the whole message. */
  finalMessage: fc.boolean(),
  framing: fc.constantFrom("events", "twice", "lines", "glued"),
});
type OddShape = typeof oddShape extends fc.Arbitrary<infer Value> ? Value : never;

type Seen = {
  /** Fragments of calls so far. */
  fragments: number;
  /** Every fragment names its call, and can do without its index. */
  readonly canMove: boolean;
};

/** The answer as bytes. */
export function writeOdd({ chunks, expected }: GeneratedReply, shape: OddShape): Uint8Array {
  const seen = { fragments: 0, canMove: chunks.every(isNamed) };
  const written = chunks.flatMap((chunk) => {
    const choice = choiceOf(chunk);
    if (!choice || !isObject(choice.delta)) return [chunk];
    const delta = shapeDelta(choice.delta, shape, seen);
    const index = shape.callChoice === 1 && "tool_calls" in choice.delta ? 1 : 0;
    const finish_reason = shapeFinish(choice.finish_reason, shape);
    const shaped = { ...chunk, choices: [{ ...choice, index, delta, finish_reason }] };
    const isText = typeof choice.delta.content === "string" && choice.delta.content !== "";
    return shape.blankReasoning && isText
      ? [shaped, { choices: [{ index: 0, delta: { reasoning_content: "\n" }, finish_reason: null }] }]
      : [shaped];
  });
  const again = wholeCalls(chunks);
  const afterCalls =
    shape.callsAgain && !shape.ownWord && again
      ? [{ choices: [{ index: 0, delta: { tool_calls: again }, finish_reason: null }] }]
      : [];
  const message = {
    role: "assistant",
    content: expected.text,
    reasoning_content: expected.thinking,
    ...(expected.calls.length > 0 && {
      tool_calls: expected.calls.map(({ name, input }, at) => ({
        id: `call_other_${at}`,
        function: { name, arguments: JSON.stringify(input) },
      })),
    }),
  };
  const final = { choices: [{ index: 0, message, finish_reason: null }] };
  const all = [...written, ...afterCalls, ...(shape.finalMessage ? [final] : [])];
  return new TextEncoder().encode(frame(all, shape.framing));
}

function choiceOf({ choices }: JsonObject): JsonObject | undefined {
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
  return isObject(first) ? first : undefined;
}

function isNamed(chunk: JsonObject): boolean {
  return fragmentsOf(chunk).every((call) => "index" in call && call.id && Object(call.function).name);
}

function fragmentsOf(chunk: JsonObject): readonly JsonObject[] {
  const delta = choiceOf(chunk)?.delta;
  return isObject(delta) && Array.isArray(delta.tool_calls) ? delta.tool_calls.filter(isObject) : [];
}

function shapeFinish(finish: unknown, { noFinish, ownWord }: OddShape): unknown {
  if (finish === null) return noFinish;
  return ownWord && ["stop", "tool_calls", "eos"].includes(String(finish)) ? "satisfied" : finish;
}

function shapeDelta(delta: JsonObject, shape: OddShape, seen: Seen): JsonObject {
  const { content, reasoning, reasoning_content, tool_calls } = delta;
  const shaped: JsonObject = { ...delta };
  const part = { type: "text", text: content };
  if (typeof content === "string" && shape.content !== "text")
    shaped.content = shape.content === "part" ? part : [part];
  const thought = reasoning ?? reasoning_content;
  if (typeof thought === "string" && shape.reasoning === "object") {
    if (reasoning !== undefined) shaped.reasoning = { text: reasoning };
    if (reasoning_content !== undefined) shaped.reasoning_content = { text: reasoning_content };
  }
  if (typeof thought === "string" && shape.reasoning === "parts") {
    delete shaped.reasoning;
    delete shaped.reasoning_content;
    shaped.content = [{ type: "reasoning", summary: [{ type: "summary_text", text: thought }] }];
  }
  if (Array.isArray(tool_calls)) shaped.tool_calls = shapeCalls(tool_calls, shape, seen);
  return shaped;
}

function shapeCalls(calls: readonly unknown[], shape: OddShape, seen: Seen): unknown {
  const list =
    shape.spreadIndexes && seen.canMove
      ? calls.map((call) => ({ ...(isObject(call) && call), index: 100 + seen.fragments++ }))
      : calls;
  if (shape.calls === "list") return list;
  return shape.calls === "object" && list.length === 1 ? list[0] : { ...list };
}

/** Every call in one fragment; undefined if the server gives no ids. */
function wholeCalls(chunks: readonly JsonObject[]): JsonObject[] | undefined {
  const ids = new Map<unknown, string>();
  const calls = new Map<string, { name: string; json: string }>();
  for (const chunk of chunks) {
    for (const { index, id, function: part } of fragmentsOf(chunk)) {
      const key = asString(id) || ids.get(index);
      if (!key) return undefined;
      ids.set(index, key);
      const { name, arguments: json } = isObject(part) ? part : {};
      const known = calls.get(key) ?? { name: asString(name), json: "" };
      calls.set(key, { ...known, json: known.json + asString(json) });
    }
  }
  return [...calls].map(([id, { name, json }], at) => ({
    index: 50 + at,
    id,
    function: { name, arguments: json || "{}" },
  }));
}

function frame(chunks: readonly unknown[], framing: OddShape["framing"]): string {
  const texts = chunks.map((chunk) => JSON.stringify(chunk));
  const done = "data: [DONE]";
  switch (framing) {
    case "events":
      return [...texts.map((text) => `data: ${text}`), done, ""].join("\n\n");
    case "twice":
      return [...texts.map((text) => `data: data: ${text}`), done, ""].join("\n\n");
    case "lines":
      return texts.map((text) => `${text}\n`).join("");
    case "glued":
      return `data: ${texts.join("")}${done}\n\n`;
    default:
      return framing satisfies never;
  }
}
