/** Writes the request for reasoning in the backend's own fields. */
import type { Effort } from "../../anthropic/wire.ts";
import type { Quirks } from "../../catalog/quirks.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import type { Plan } from "../../plan/plan.ts";
import { nearestEffort } from "./choose-effort.ts";

type Fields = Readonly<JsonObject>;

/**
 * The fields that ask for reasoning, or switch it off. None if the client did not ask: the backend's own default
 * applies.
 */
export function writeReasoning({ reasoning, quirks, tools }: Plan): Fields {
  const { withTools, off, extras } = quirks.reasoning;
  if (reasoning.on === false || (!withTools && tools.offered.length > 0)) return off;
  return reasoning.on ? { ...writeOn(reasoning, quirks), ...extras } : extras;
}

/** If two settings share a field, the one that the client gave is written last, and an effort after everything else. */
function writeOn({ effort, budgetTokens }: Plan["reasoning"], { reasoning }: Quirks): Fields {
  const requested = effort ?? (budgetTokens === undefined ? undefined : effortOf(budgetTokens));
  const nearest = requested && nearestEffort(requested, reasoning.efforts);
  const budget = budgetTokens ?? (requested && reasoning.budgetOf[requested]);
  const effortFields = nearest === undefined ? {} : fillIn(reasoning.effort, "{effort}", nearest);
  const budgetFields = budget === undefined ? {} : fillIn(reasoning.budget, "{budget}", budget);
  return effort === undefined
    ? { ...reasoning.on, ...effortFields, ...budgetFields }
    : { ...reasoning.on, ...budgetFields, ...effortFields };
}

/** A copy of the fields with a placeholder replaced by a value. */
function fillIn(fields: Fields, blank: string, value: string | number): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, content]) => {
      if (isObject(content)) return [name, fillIn(content, blank, value)];
      return [name, content === blank ? value : content];
    }),
  );
}

/** For backends that accept only an effort. The steps match Claude Code's thinking keywords. */
function effortOf(budgetTokens: number): Effort {
  if (budgetTokens < 2048) return "low";
  if (budgetTokens < 8192) return "medium";
  return budgetTokens < 24_576 ? "high" : "xhigh";
}
