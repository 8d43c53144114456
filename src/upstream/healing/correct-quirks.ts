/** Applies what corrections say about decisions of the plan to the quirks that it is made with. */
import { changeQuirks, type QuirkChanges, type Quirks } from "../../catalog/quirks.ts";
import type { Correction } from "../corrections.ts";

/** The last result, by the quirks it was made from. */
const corrected = new WeakMap<Quirks, { readonly by: readonly Correction[]; readonly quirks: Quirks }>();

/**
 * The quirks with what was learned: a call that cannot be forced is asked for in words, tools whose use cannot be
 * forbidden are left out, and a refused schema is put into words for the model. The same quirks if the corrections say
 * nothing of the kind, or were applied before; and the same object as the last time, so that what was made for these
 * quirks is found again.
 */
export function correctQuirks(quirks: Quirks, corrections: readonly Correction[]): Quirks {
  if (corrections.length === 0) return quirks;
  const known = corrected.get(quirks);
  if (known?.by === corrections) return known.quirks;
  const result = corrections.reduce((before, correction) => {
    const changes = findChanges(correction, before);
    return changes ? changeQuirks(before, changes) : before;
  }, quirks);
  for (const each of [quirks, result]) corrected.set(each, { by: corrections, quirks: result });
  return result;
}

function findChanges(correction: Correction, { toolChoice, json, tools }: Quirks): QuirkChanges | undefined {
  if (correction.change === "adopt") return adopted(correction.quirks, tools);
  if (correction.change !== "drop" && correction.change !== "replace") return undefined;
  switch (correction.path) {
    case "tool_choice": {
      if (correction.change === "drop")
        return correction.from === "none" ? { toolChoice: { none: "omit-tools" } } : undefined;
      const isAuto = correction.to === "auto";
      if (typeof correction.from === "object")
        return { toolChoice: { named: isAuto ? "auto" : "only-tool" } };
      // Offering the tool alone works as well as its name only if some call can be forced.
      const named = isAuto && toolChoice.named === "only-tool" ? "auto" : toolChoice.named;
      return { toolChoice: { any: isAuto ? "auto" : "required", named } };
    }
    case "response_format":
    case "text.format":
    case "text":
      if (correction.change === "drop")
        return { json: correction.withTools ? { withTools: false } : { format: "none" } };
      return json.format === "json_schema" ? { json: { format: "json_object" } } : undefined;
    default:
      return undefined;
  }
}

/** Each refused schema was learned by itself. */
function adopted(changes: QuirkChanges, { refusedSchemas }: Quirks["tools"]): QuirkChanges {
  const { tools } = changes;
  return tools?.refusedSchemas === undefined
    ? changes
    : { ...changes, tools: { ...tools, refusedSchemas: { ...refusedSchemas, ...tools.refusedSchemas } } };
}
