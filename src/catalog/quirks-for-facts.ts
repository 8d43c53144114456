/** What a backend's own model list says about the fields that a model accepts. */
import type { ModelFacts } from "./models.ts";
import { changeQuirks, noReasoning, type Quirks } from "./quirks.ts";

/** What a list may call the reasoning parameter. */
const reasoningNames = ["reasoning", "include_reasoning", "reasoning_effort", "thinking"];

/**
 * The quirks, minus what the model does not accept. OpenRouter drops such fields silently; when they are left out
 * here, they are named in the log and compensated for. Source: `supported_parameters` in OpenRouter's reference of
 * `/models`.
 */
export function quirksForFacts(quirks: Quirks, facts: ModelFacts | undefined): Quirks {
  const supported = new Set(facts?.supportedParameters);
  if (supported.size === 0) return quirks;
  return changeQuirks(quirks, {
    sampling: {
      allowed: quirks.sampling.allowed && supported.has("temperature"),
      topK: quirks.sampling.topK && supported.has("top_k"),
      maxStops: supported.has("stop") ? quirks.sampling.maxStops : 0,
    },
    tools: {
      parallelCalls: quirks.tools.parallelCalls && supported.has("parallel_tool_calls"),
      strict: quirks.tools.strict && supported.has("structured_outputs"),
    },
    // A model that cannot reason answers with an error if asked to; some do even if told not to.
    ...(!reasoningNames.some((name) => supported.has(name)) && { reasoning: noReasoning }),
    ...(!supported.has("tool_choice") && { toolChoice: { any: "omit", named: "auto", none: "omit-tools" } }),
    ...(!supported.has("structured_outputs") && {
      json: { format: supported.has("response_format") ? "json_object" : "none" },
    }),
  });
}
