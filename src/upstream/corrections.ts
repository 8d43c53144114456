/**
 * Small changes to the JSON that we send, learned from refusals. They are plain data: a correction found for one body
 * fits every later one, and can be remembered, compared and logged. Protocols find them; this file only applies them.
 */
import type { ConvertedProtocol, QuirkChanges } from "../catalog/quirks.ts";
import { isObject, type JsonObject } from "../lib/json.ts";

export type Correction = {
  /** The field it changes: `stop`, `reasoning.effort`, `tools[].function.strict`. */
  readonly path: string;
  /** Applies only to requests that offer tools. */
  readonly withTools?: true;
  /** Applies to this request only; not worth remembering. */
  readonly once?: true;
} & Change;

type Change =
  /** Removes the field; with `from`, only if its value matches. */
  | { readonly change: "drop"; readonly from?: Value }
  /** Renames the field, in place. */
  | { readonly change: "rename"; readonly to: string }
  /** Lowers a number above `to` to `to`. */
  | { readonly change: "cap"; readonly to: number }
  /** Sets the field to `to`; with `from`, only if its value matches. */
  | { readonly change: "replace"; readonly from?: Value; readonly to: Value }
  /** Leaves the body alone: the model is asked by another protocol. `path` is the one that it refused. */
  | { readonly change: "move"; readonly to: ConvertedProtocol }
  /** Leaves the body alone: it is written anew with these quirks. `to` describes them for the log. */
  | { readonly change: "adopt"; readonly to: string; readonly quirks: QuirkChanges };

/** An object matches another if it has all of the other's fields. */
type Value = string | boolean | { readonly [key: string]: string };

/** The body with all corrections applied in order; the very same object if none changes anything. */
export function applyCorrections(body: JsonObject, corrections: readonly Correction[]): JsonObject {
  let corrected = body;
  for (const correction of corrections) {
    if (correction.change === "adopt" || correction.change === "move") continue;
    if (correction.withTools && !Array.isArray(corrected.tools)) continue;
    corrected = changeAt(corrected, correction.path.split("."), correction);
  }
  return corrected;
}

/** Two corrections of the same thing: the later one counts. */
export function changesSameField(one: Correction, other: Correction): boolean {
  return subjectOf(one) === subjectOf(other);
}

/** Whether one takes back what the other did: trying both in turn would never end. */
export function isOpposite(one: Correction, other: Correction): boolean {
  if (one.change === "rename" && other.change === "rename")
    return one.path === other.to && other.path === one.to;
  if (one.change !== "replace" || other.change !== "replace" || one.path !== other.path) return false;
  const leads = (to: Value, from: Value | undefined) => from === undefined || isLike(to, from);
  return (one.from ?? other.from) !== undefined && leads(one.to, other.from) && leads(other.to, one.from);
}

/** For the log: `max_tokens became max_completion_tokens`. */
export function describeCorrection(correction: Correction): string {
  return `${describeChange(correction.path, correction)}${correction.withTools ? " beside tools" : ""}`;
}

function describeChange(path: string, change: Change): string {
  switch (change.change) {
    case "drop":
      return `left out ${path}${change.from === undefined ? "" : ` ${JSON.stringify(change.from)}`}`;
    case "rename":
      return `${path} became ${change.to}`;
    case "cap":
      return `${path} kept at ${change.to} or below`;
    case "move":
      return `asked by the protocol ${change.to}, not ${path}`;
    case "adopt":
      return `${path} became ${change.to}`;
    case "replace":
      return `${path} ${change.from === undefined ? "" : `${JSON.stringify(change.from)} `}became ${JSON.stringify(change.to)}`;
    default:
      return change satisfies never;
  }
}

function subjectOf(correction: Correction): string {
  const from = "from" in correction ? correction.from : undefined;
  return JSON.stringify([correction.path, correction.change, from, correction.withTools]);
}

/** A step such as `tools[]` applies to every item of a list. Where the path does not match, nothing changes. */
function changeAt(holder: JsonObject, [step = "", ...rest]: readonly string[], change: Change): JsonObject {
  if (rest.length === 0) return changeField(holder, step, change);
  const key = step.replace("[]", "");
  const inner = holder[key];
  const changeInner = (value: unknown): unknown => (isObject(value) ? changeAt(value, rest, change) : value);
  const changed =
    step.endsWith("[]") && Array.isArray(inner) ? mapItems(inner, changeInner) : changeInner(inner);
  return changed === inner ? holder : { ...holder, [key]: changed };
}

function changeField(holder: JsonObject, key: string, change: Change): JsonObject {
  const { [key]: value, ...others } = holder;
  switch (change.change) {
    case "drop":
      return key in holder && isMatch(value, change.from) ? others : holder;
    case "rename":
      return key in holder ? { ...others, [change.to]: value } : holder;
    case "cap":
      return typeof value === "number" && value > change.to ? { ...holder, [key]: change.to } : holder;
    case "replace":
      return isMatch(value, change.from) && !isLike(value, change.to)
        ? { ...holder, [key]: change.to }
        : holder;
    case "move":
    case "adopt":
      return holder;
    default:
      return change satisfies never;
  }
}

function isMatch(value: unknown, from: Value | undefined): boolean {
  return from === undefined || isLike(value, from);
}

function isLike(value: unknown, like: Value): boolean {
  if (typeof like !== "object") return value === like;
  return isObject(value) && Object.entries(like).every(([key, word]) => value[key] === word);
}

function mapItems(items: readonly unknown[], change: (item: unknown) => unknown): readonly unknown[] {
  const changed = items.map(change);
  return changed.some((item, at) => item !== items[at]) ? changed : items;
}
