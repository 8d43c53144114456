/** What a backend's own list of models tells about the fields that one of them takes. */
import type { ModelFacts } from "./models.ts";
import type { Quirks } from "./quirk-fields.ts";

/** What a list may call the wish for reasoning. */
const reasoningNames = ["reasoning", "include_reasoning", "reasoning_effort", "thinking"];

/**
 * The quirks, less what the model does not take. OpenRouter drops such fields without a word; left out here, they are
 * named in the log and made up for. Source: `supported_parameters` in OpenRouter's reference of `/models`.
 */
export function quirksForFacts(quirks: Quirks, facts: ModelFacts | undefined): Quirks {
  const supported = new Set(facts?.supportedParameters);
  if (supported.size === 0) return quirks;
  return {
    ...quirks,
    sampling: quirks.sampling && supported.has("temperature"),
    // Asked to reason, a model that does not answers with an error; told not to, some do as well.
    ...(!reasoningNames.some((name) => supported.has(name)) && { reasoningRequest: "none" }),
    topK: quirks.topK && supported.has("top_k"),
    maxStops: supported.has("stop") ? quirks.maxStops : 0,
    parallelToolCalls: quirks.parallelToolCalls && supported.has("parallel_tool_calls"),
    ...(!supported.has("tool_choice") && {
      toolChoiceAny: "omit",
      toolChoiceNamed: "auto",
      toolChoiceNone: "omit-tools",
    }),
    ...(!supported.has("structured_outputs") && {
      strictTools: false,
      jsonSchema: supported.has("response_format") ? "json_object" : "none",
    }),
  };
}
