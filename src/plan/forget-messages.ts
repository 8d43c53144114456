import type { Plan } from "./plan.ts";

/**
 * The plan of an answer that has begun. Only to ask again would need the messages, and the pictures and files in them: a
 * stream that lasts for minutes would hold megabytes for nothing.
 */
export function forgetMessages(plan: Plan): Plan {
  return { ...plan, request: { ...plan.request, messages: [] }, original: undefined };
}
