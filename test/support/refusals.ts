/** A body with every field that we ever send, and what becomes of it if a backend refuses one. */
import { expect, test } from "bun:test";
import type { JsonObject } from "../../src/lib/json.ts";
import type { Correction } from "../../src/upstream/corrections.ts";
import { findCorrection } from "../../src/upstream/healing/find-correction.ts";
import { readError } from "../../src/upstream/refusal/read-error.ts";
import { planFor } from "./plans.ts";
import { ask } from "./proxy.ts";

export const plan = planFor(ask());

const messages = [
  { role: "developer", content: "Temperature and stop are only words here" },
  { role: "user", content: "Hi" },
  {
    role: "assistant",
    content: "Hello",
    reasoning_content: "Greet",
    reasoning: "Greet",
    reasoning_details: [],
  },
];
const tools = [
  { type: "function", function: { name: "temperature", parameters: { type: "object" }, strict: true } },
];
/** Every field that we ever send. */
export const full = {
  model: "big-model",
  messages,
  tools,
  max_tokens: 20_000,
  temperature: 0.5,
  top_p: 0.9,
  top_k: 4,
  stop: ["END"],
  stream: true,
  stream_options: { include_usage: true },
  tool_choice: { type: "function", function: { name: "temperature" } },
  parallel_tool_calls: false,
  response_format: {
    type: "json_schema",
    json_schema: { name: "response", schema: { type: "object" }, strict: true },
  },
  reasoning_effort: "xhigh",
  reasoning: { effort: "xhigh" },
  thinking: { type: "enabled" },
  enable_thinking: true,
  thinking_budget: 100,
  chat_template_kwargs: { enable_thinking: true },
  extra_body: { google: { thinking_config: { include_thoughts: true, thinking_level: "high" } } },
  user: "someone",
  safety_identifier: "someone",
  prompt_cache_key: "session",
  session_id: "session",
} satisfies JsonObject;

export const written = (body: JsonObject) => ({
  body: JSON.stringify(body),
  clientToolName: (name: string) => ({ name }),
  prefill: "",
  notes: [],
});
export const findFor = (status: number, error: unknown, body: JsonObject): Correction | undefined => {
  const text = typeof error === "string" ? error : JSON.stringify(error);
  return findCorrection(readError(status, new Headers(), text, plan), plan, written(body));
};
export const openai = (message: string, param: string | null = null, code: string | null = null) => ({
  error: { message, type: "invalid_request_error", param, code },
});
export const extra = (...loc: (string | number)[]) => ({
  detail: [
    { type: "extra_forbidden", loc: ["body", ...loc], msg: "Extra inputs are not permitted", input: 1 },
  ],
});

type Row = readonly [
  name: string,
  status: number,
  error: unknown,
  Correction | undefined,
  changes?: JsonObject,
];

/** One test per row: a refusal, and the correction of the full body, with `changes`, that it leads to. */
export function check(rows: readonly Row[]): void {
  for (const [name, status, error, expected, changes] of rows) {
    test(name, () => {
      expect(findFor(status, error, { ...full, ...changes })).toEqual(expected);
    });
  }
}
