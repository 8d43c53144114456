/**
 * What differs at `/responses`, wherever it is offered. Reasoning is asked for in one field, comes back as items of its
 * own, and goes along with tools; results may hold pictures; there are no stop sequences. Source: the types of `openai`.
 */
import { isObject } from "../lib/json.ts";
import { noReasoning, type QuirkChanges, type Quirks } from "./quirks.ts";

/** @param chat the quirks of the same model at `/chat/completions` */
export function quirksForResponses({ media, reasoning, caching }: Quirks): QuirkChanges {
  return {
    request: {
      maxModels: 0,
      // "Expected a value >= 16", a 400 to `max_output_tokens`.
      minTokens: 16,
    },
    messages: { prefill: "plain", prefillWithReasoning: true, repeatsPrefill: false, userAfterTool: true },
    media: {
      toolResultImages: "in-place",
      documents: media.documents === "document-url" ? "text" : media.documents,
    },
    sampling: { topK: false, maxStops: 0 },
    reasoning: {
      ...writeFields(reasoning),
      budgetOf: {},
      withTools: true,
      extras: {},
      replay: "items",
      required: "never",
    },
    caching: {
      marks: caching.breakpoints,
      automatic: false,
      keyField: caching.keyField === "session_id" ? "none" : caching.keyField,
    },
    web: { search: "none", searchModel: undefined, fetch: false, serverToolPrefix: "", sources: true },
    usage: { reasoning: "included" },
  };
}

/** For models that can be asked to reason. */
export const askedReasoning = {
  on: { reasoning: { summary: "auto" } },
  effort: { reasoning: { effort: "{effort}", summary: "auto" } },
} as const;

type ReasoningFields = Pick<Quirks["reasoning"], "on" | "off" | "effort" | "budget">;

function writeFields({ on, off, effort, budget }: ReasoningFields): ReasoningFields {
  const canReason = [on, effort, budget].some((fields) => Object.keys(fields).length > 0);
  if (!canReason) return noReasoning;
  return { ...askedReasoning, off: writeOff(off), budget: {} };
}

/** The least effort there is at `/chat/completions`, whatever the field is called there. */
function writeOff(off: ReasoningFields["off"]): ReasoningFields["off"] {
  const least = off.reasoning_effort ?? (isObject(off.reasoning) ? off.reasoning.effort : undefined);
  return typeof least === "string" ? { reasoning: { effort: least } } : {};
}
