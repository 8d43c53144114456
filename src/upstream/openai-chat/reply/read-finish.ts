/** Reads why the model stopped, in every provider's words. */
import type { JsonObject } from "../../../lib/json.ts";
import type { FinishReason } from "../../../reply.ts";

export type Finish = {
  /** `failure`: the backend gave up before the answer was complete. */
  readonly reason: FinishReason | "failure";
  /** The backend's own word. */
  readonly word: string;
  readonly stopSequence?: string;
};

/** From least to most severe. */
const severity: readonly Finish["reason"][] = [
  "stop",
  "stop-sequence",
  "max-tokens",
  "context-window",
  "refusal",
  "failure",
];

const reasons: Readonly<Record<string, Finish["reason"]>> = {
  length: "max-tokens",
  max_tokens: "max-tokens",
  max_output_tokens: "max-tokens",
  // Mistral, Z.ai
  model_length: "context-window",
  model_context_window_exceeded: "context-window",
  content_filter: "refusal",
  refusal: "refusal",
  // Z.ai; Gemini behind gateways
  sensitive: "refusal",
  safety: "refusal",
  recitation: "refusal",
  prohibited_content: "refusal",
  error: "failure",
  // Z.ai, DeepSeek, Gemini
  network_error: "failure",
  insufficient_system_resource: "failure",
  malformed_function_call: "failure",
};

/**
 * @param choice the choice with the finish reason; some servers put the stop sequence next to it
 * @param stopSequences those that the client asked for
 */
export function readFinish(word: string, choice: JsonObject, stopSequences: readonly string[]): Finish {
  const known = word.toLowerCase();
  const reason = Object.hasOwn(reasons, known) ? (reasons[known] ?? "stop") : "stop";
  const stopSequence = reason === "stop" ? findStopSequence(choice, stopSequences) : undefined;
  return stopSequence === undefined ? { reason, word } : { reason: "stop-sequence", word, stopSequence };
}

/** Servers may send several finish reasons: the most severe counts, and of equals the last. */
export function chooseFinish(known: Finish | undefined, next: Finish): Finish {
  return known && severity.indexOf(known.reason) > severity.indexOf(next.reason) ? known : next;
}

/** The stop sequence that was hit, if a server names it: vLLM puts it into `stop_reason`. */
function findStopSequence(choice: JsonObject, wanted: readonly string[]): string | undefined {
  const { stop_reason, native_finish_reason } = choice;
  if (typeof stop_reason === "string" && wanted.includes(stop_reason)) return stop_reason;
  return native_finish_reason === "stop_sequence" && wanted.length === 1 ? wanted[0] : undefined;
}
