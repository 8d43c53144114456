import type { Plan } from "./plan.ts";

/**
 * The plan of an answer that has begun. Only asking again would take the system prompt and the messages, with the
 * images and files in them: a stream that lasts for minutes would keep megabytes for nothing.
 */
export function forgetMessages(plan: Plan): Plan {
  return { ...plan, request: { ...plan.request, messages: [], system: undefined }, original: undefined };
}
