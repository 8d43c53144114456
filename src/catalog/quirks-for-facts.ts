/** What a backend's own list of models tells about the fields that one of them takes. */
import type { ModelFacts } from "./models.ts";
import { changeQuirks, type Quirks } from "./quirks.ts";

/** What a list may call the wish for reasoning. */
const reasoningNames = ["reasoning", "include_reasoning", "reasoning_effort", "thinking"];

/**
 * The quirks, less what the model does not take. OpenRouter drops such fields without a word; left out here, they are
 * named in the log and made up for. Source: `supported_parameters` in OpenRouter's reference of `/models`.
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
    // Asked to reason, a model that does not answers with an error; told not to, some do as well.
    ...(!reasoningNames.some((name) => supported.has(name)) && { reasoning: { request: "none" } }),
    ...(!supported.has("tool_choice") && { toolChoice: { any: "omit", named: "auto", none: "omit-tools" } }),
    ...(!supported.has("structured_outputs") && {
      json: { format: supported.has("response_format") ? "json_object" : "none" },
    }),
  });
}
