/** Which wire format a plan speaks. */
import type { Plan } from "../plan/plan.ts";
import type { Dialect } from "./dialect.ts";
import { openaiChat } from "./openai-chat/dialect.ts";

export function chooseDialect(_plan: Plan): Dialect {
  return openaiChat;
}
