/**
 * Finds the call that a fragment belongs to. OpenAI numbers the calls of an answer with `index`; other servers leave
 * it out, use 0 for every call, count up within one call, repeat ids and names, or send a call twice.
 */
import type { GrowingText } from "../../../lib/copy-text.ts";
import { parseJson } from "../../../lib/json.ts";
import { createJsonRepairer, type JsonRepairer } from "../../../lib/repair-json.ts";

export type PartialCall = {
  /** The choice that it came in. */
  readonly choice: number;
  /** Every `index` under which fragments of it came. */
  readonly indexes: number[];
  id: string;
  name: string;
  /** All argument text so far. */
  readonly said: GrowingText;
  /** Follows the arguments, whose end shows that a fragment begins the next call; only once that is asked. */
  follower: { readonly repairer: JsonRepairer; at: number } | undefined;
  /** Its number among the calls that were emitted. */
  lane: number | undefined;
  /** It may be an earlier call, sent again: it waits until its arguments tell. */
  isDoubtful: boolean;
  /** Whether each piece contains the whole text so far; undefined until the second piece shows it. */
  repeats: boolean | undefined;
};

/** What a fragment says about the call that it belongs to; empty strings where it says nothing. */
type Fragment = {
  readonly choice: number;
  readonly index: number | undefined;
  readonly id: string;
  readonly name: string;
  readonly json: string;
  /** It is part of a message that may repeat what was said before. */
  readonly isRepeated: boolean;
};

/** The fragment's call, or why it begins a new one. */
export function findCall(
  calls: readonly PartialCall[],
  fragment: Fragment,
): PartialCall | "new" | "doubtful" {
  const { choice, index, id, name } = fragment;
  const last = calls.at(-1);
  // The usual case. The search below would find the same call.
  if (index !== undefined && name === "" && last?.choice === choice && last.indexes.includes(index))
    return last;
  const isHere = (call: PartialCall) => call.choice === choice;
  const call =
    index !== undefined
      ? calls.findLast((one) => isHere(one) && one.indexes.includes(index))
      : id !== ""
        ? calls.findLast((one) => one.id === id)
        : calls.findLast(isHere);
  if (call) return name === "" ? call : continueCall(call, fragment);
  const sameId = id === "" ? undefined : calls.findLast((one) => one.id === id);
  if (!sameId || isOtherName(sameId, name)) return isRepeatable(calls, fragment) ? "doubtful" : "new";
  // One call may be spread over several indexes, or be sent again under another one.
  if (isComplete(sameId)) return "doubtful";
  if (index !== undefined) sameId.indexes.push(index);
  return sameId;
}

/** The fragment names a function at the place of a known call: that call, or the next one. */
function continueCall(call: PartialCall, fragment: Fragment): PartialCall | "new" | "doubtful" {
  const { index, id, name, json } = fragment;
  if (id !== "" && call.id !== "" && id !== call.id) {
    // Some servers make up an id for every fragment.
    const isRest = index !== undefined && name === call.name && /^\s*[^\s{]/.test(json);
    if (isRest && call.said.length > 0 && !isComplete(call)) return call;
    return fragment.isRepeated ? "doubtful" : "new";
  }
  if (isOtherName(call, name)) return call.said.length === 0 || hasEnded(call) ? "new" : call;
  if (index === undefined && id === "") {
    if (!hasEnded(call)) return call;
    return fragment.isRepeated ? "doubtful" : "new";
  }
  return isComplete(call) ? "doubtful" : call;
}

function isOtherName(call: PartialCall, name: string): boolean {
  return name !== "" && call.name !== "" && name !== call.name;
}

/** Whether there is a call that this one may repeat: choices may be parts of one answer, or alternatives. */
function isRepeatable(calls: readonly PartialCall[], { choice, name, isRepeated }: Fragment): boolean {
  return calls.some((call) => (isRepeated || call.choice !== choice) && !isOtherName(call, name));
}

/**
 * Whether a doubtful call is another one sent again; undefined while that is open.
 * @param isLast no more will come
 */
export function isRepetition(
  calls: readonly PartialCall[],
  call: PartialCall,
  isLast: boolean,
): boolean | undefined {
  const others = calls.filter((one) => one !== call && !one.isDoubtful && one.name === call.name);
  if (isLast && !hasEnded(call))
    return others.some(({ said }) => said.text.startsWith(call.said.text.trim()));
  if (!hasEnded(call)) return undefined;
  const input = readInput(call);
  const isSame = (one: PartialCall) =>
    one.said.text === call.said.text || (input !== undefined && Bun.deepEquals(readInput(one), input, true));
  if (others.some(isSame)) return true;
  return isLast || others.every(hasEnded) ? false : undefined;
}

/** The arguments as the client will read them. No text at all means none. */
function readInput({ said: { text: json } }: PartialCall): unknown {
  const repairer = createJsonRepairer();
  return json.trim() === "" ? {} : (parseJson(json) ?? parseJson(repairer.push(json) + repairer.end()));
}

/** Whether its arguments are whole. `{}` is not: some servers write it before the real ones. */
function isComplete(call: PartialCall): boolean {
  return follow(call) === "complete";
}

/** Whether its arguments are whole, or `{}`. */
export function hasEnded(call: PartialCall): boolean {
  const state = follow(call);
  return state === "complete" || state === "empty";
}

function follow(call: PartialCall): JsonRepairer["state"] {
  call.follower ??= { repairer: createJsonRepairer(), at: 0 };
  const { repairer, at } = call.follower;
  const { said } = call;
  if (said.length > at) repairer.push(at === 0 ? said.text : said.text.slice(at));
  call.follower.at = said.length;
  return repairer.state;
}
