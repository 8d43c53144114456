/** How real servers send the same thing: every variation here is one that a real server uses. */
import fc from "fast-check";

export type Json = Readonly<Record<string, unknown>>;

/** How a server marks the fragments of parallel calls. */
const callStyles = [
  /** OpenAI: index on each fragment, id and name on the first. */
  "indexed",
  /** id and name on every fragment. */
  "repeated",
  /** Qwen: id and name are repeated, empty. */
  "emptied",
  /** No index, the id on each fragment. */
  "by-id",
  /** Each call whole, in a chunk of its own. */
  "whole",
  /** Gemini: all calls whole, in one chunk, without index. */
  "whole-unindexed",
  /** Index 0 for one call after another. */
  "index-reused",
  /** No ids at all. */
  "without-ids",
] as const;
type CallStyle = (typeof callStyles)[number];
/** Styles in which interleaved fragments of several calls can be told apart. */
const mixable: ReadonlySet<CallStyle> = new Set(["indexed", "repeated", "emptied", "by-id", "without-ids"]);

const usagePlaces = ["none", "finish-chunk", "own-chunk", "x_groq", "choice", "every-chunk"] as const;

export const randomBackend = fc.record({
  callStyle: fc.constantFrom(...callStyles),
  reasoningField: fc.constantFrom("reasoning_content", "reasoning", "both"),
  usagePlace: fc.constantFrom(...usagePlaces),
  roleChunk: fc.constantFrom("none", "empty", "null"),
  roleOnEach: fc.boolean(),
  /** The value of `content` while something else is sent. */
  idleContent: fc.constantFrom(undefined, null, ""),
  finishPlace: fc.constantFrom("own-chunk", "last-chunk", "twice"),
});
export type RandomBackend = typeof randomBackend extends fc.Arbitrary<infer Value> ? Value : never;

/** A number below `sides`, decided by the test run. */
type Roll = (sides: number) => number;

/** Cuts between code points, as servers do. */
export function cutText(text: string, roll: Roll): string[] {
  const points = [...text];
  const pieces: string[] = [];
  for (let at = 0; at < points.length; ) {
    const length = 8 - roll(8);
    pieces.push(points.slice(at, at + length).join(""));
    at += length;
  }
  return pieces;
}

export type Call = { readonly name: string; readonly input: Json; readonly indent: number | undefined };

/** Fragments in the order sent, and the calls in the order begun. */
export function orderCalls(
  calls: readonly Call[],
  style: CallStyle,
  roll: Roll,
): { calls: Call[]; deltas: Json[][] } {
  const queues = calls.map((call) => ({ call, pieces: cutArguments(call, style, roll) }));
  const begun: (typeof queues)[number][] = [];
  const deltas: Json[][] = [];
  for (let left = queues; left.length > 0; left = left.filter(({ pieces }) => pieces.length > 0)) {
    const queue = left[mixable.has(style) ? roll(left.length) : 0];
    const piece = queue?.pieces.shift();
    if (!queue || piece === undefined) break;
    const isFirst = !begun.includes(queue);
    if (isFirst) begun.push(queue);
    deltas.push([fragment(queue.call, begun.indexOf(queue), piece, isFirst, style)]);
  }
  return {
    calls: begun.map(({ call }) => call),
    deltas: style === "whole-unindexed" && deltas.length > 0 ? [deltas.flat()] : deltas,
  };
}

function cutArguments({ input, indent }: Call, style: CallStyle, roll: Roll): string[] {
  const json = JSON.stringify(input, undefined, indent);
  if (style === "whole" || style === "whole-unindexed") return [json];
  const first = roll(2) === 0 ? [""] : [];
  if (json === "{}" && roll(2) === 0) return [""];
  return [...first, ...cutText(json, roll)];
}

function fragment(call: Call, index: number, json: string, isFirst: boolean, style: CallStyle): Json {
  const id = `call_generated_${index}`;
  const { name } = call;
  const naming = { id, type: "function", function: { name, arguments: json } };
  const bare = { function: { arguments: json } };
  switch (style) {
    case "indexed":
      return { index, ...(isFirst ? naming : bare) };
    case "repeated":
    case "whole":
      return { index, ...naming };
    case "emptied":
      return isFirst
        ? { index, ...naming }
        : { index, id: "", type: "function", function: { name: "", arguments: json } };
    case "by-id":
      return isFirst ? naming : { id, ...bare };
    case "whole-unindexed":
      return naming;
    case "index-reused":
      return { index: 0, ...(isFirst ? naming : bare) };
    case "without-ids":
      return { index, type: "function", function: isFirst ? naming.function : bare.function };
    default:
      return style satisfies never;
  }
}

export function reasoningDelta(piece: string, { reasoningField, ...rest }: RandomBackend): Json {
  const both = { reasoning: piece, reasoning_content: piece };
  return { ...idle(rest), ...(reasoningField === "both" ? both : { [reasoningField]: piece }) };
}

export function idle({ idleContent }: Pick<RandomBackend, "idleContent">): Json {
  return idleContent === undefined ? {} : { content: idleContent };
}

export function addFinish(
  deltas: readonly Json[],
  finish: string,
  { finishPlace, roleChunk, roleOnEach }: RandomBackend,
): Json[] {
  const role = { role: "assistant" };
  const opening = roleChunk === "none" ? [] : [{ ...role, content: roleChunk === "null" ? null : "" }];
  const all = [...opening, ...deltas.map((delta) => (roleOnEach ? { ...role, ...delta } : delta))];
  const inLast = finishPlace !== "own-chunk";
  const choices = all.map((delta, at) => ({
    index: 0,
    delta,
    finish_reason: inLast && at === all.length - 1 ? finish : null,
  }));
  const isSaid = finishPlace === "last-chunk" && all.length > 0;
  return isSaid ? choices : [...choices, { index: 0, delta: {}, finish_reason: finish }];
}

/** Wraps choices into chunks, with the usage where this backend puts it. */
export function addUsage(choices: readonly Json[], usage: Json, { usagePlace }: RandomBackend): Json[] {
  const envelope = { id: "gen-1", object: "chat.completion.chunk", created: 1, model: "generated" };
  const chunks: Json[] = choices.map((choice) => ({ ...envelope, choices: [choice] }));
  const [last, final] = [chunks.length - 1, choices[choices.length - 1]];
  switch (usagePlace) {
    case "none":
      return chunks;
    case "finish-chunk":
      return chunks.with(last, { ...chunks[last], usage });
    case "own-chunk":
      return [...chunks.map((chunk) => ({ ...chunk, usage: null })), { ...envelope, choices: [], usage }];
    case "x_groq":
      return chunks.with(last, { ...chunks[last], x_groq: { id: "req_1", usage } });
    case "choice":
      return chunks.with(last, { ...envelope, choices: [{ ...final, usage }] });
    case "every-chunk":
      return chunks.map((chunk, at) => ({
        ...chunk,
        usage: at === last ? usage : { ...usage, completion_tokens: 0, total_tokens: usage.prompt_tokens },
      }));
    default:
      return usagePlace satisfies never;
  }
}
