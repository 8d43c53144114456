import type { Plan } from "./plan.ts";

/**
 * The plan of an answer that has begun, without the system prompt and the messages: only another attempt would need
 * them, and a stream that lasts for minutes would keep megabytes of images and files for nothing.
 */
export function forgetMessages(plan: Plan): Plan {
  return { ...plan, request: { ...plan.request, messages: [], system: undefined }, original: undefined };
}
