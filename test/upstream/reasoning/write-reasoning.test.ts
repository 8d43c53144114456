import { describe, expect, test } from "bun:test";
import type { BackendName } from "../../../src/catalog/backends/known-backends.ts";
import { writeReasoning } from "../../../src/upstream/reasoning/write-reasoning.ts";
import { planFor } from "../../support/plans.ts";
import { ask } from "../../support/proxy.ts";

const off = { thinking: { type: "disabled" }, output_config: { effort: "high" } };
const effort = (effort: string) => ({ thinking: { type: "adaptive" }, output_config: { effort } });
const budget = (budget_tokens: number) => ({
  max_tokens: 64_000,
  thinking: { type: "enabled", budget_tokens },
});
const on = { thinking: { type: "adaptive" } };
const tools = { tools: [{ name: "t", input_schema: {} }] };
const google = (thinking_config: object) => ({
  extra_body: { google: { thinking_config: { include_thoughts: true, ...thinking_config } } },
});

const rows: [BackendName, model: string, wish: Record<string, unknown>, fields: Record<string, unknown>][] = [
  ["openrouter", "a/b", off, { reasoning: { effort: "none" } }],
  ["openrouter", "a/b", effort("max"), { reasoning: { effort: "max" } }],
  ["openrouter", "a/b", budget(10_000), { reasoning: { max_tokens: 10_000 } }],
  [
    "openrouter",
    "a/b",
    { ...budget(10_000), output_config: { effort: "low" } },
    { reasoning: { effort: "low" } },
  ],
  ["openrouter", "a/b", on, { reasoning: { enabled: true } }],
  ["openai", "gpt-5.4", effort("max"), { reasoning_effort: "xhigh" }],
  ["openai", "gpt-5.4", off, { reasoning_effort: "none" }],
  ["openai", "gpt-5", effort("xhigh"), { reasoning_effort: "high" }],
  ["openai", "gpt-5", off, { reasoning_effort: "minimal" }],
  ["openai", "o3", off, { reasoning_effort: "low" }],
  ["openai", "o3", budget(30_000), { reasoning_effort: "high" }],
  ["openai", "gpt-4.1", effort("high"), {}],
  ["openai", "gpt-5.6", { ...effort("high"), ...tools }, { reasoning_effort: "none" }],
  ["openai", "gpt-5.6", effort("high"), { reasoning_effort: "high" }],
  ["xai", "grok-4.3", effort("low"), { reasoning_effort: "low" }],
  ["xai", "grok-4.3", effort("medium"), { reasoning_effort: "medium" }],
  ["xai", "grok-4.3", off, { reasoning_effort: "none" }],
  ["xai", "grok-4.7", off, { reasoning_effort: "low" }],
  ["xai", "grok-4.3", budget(10_000), { reasoning_effort: "high" }],
  ["xai", "grok-4", effort("high"), {}],
  ["xai", "grok-4", off, {}],
  ["deepseek", "deepseek-v4-pro", off, { thinking: { type: "disabled" } }],
  [
    "deepseek",
    "deepseek-v4-pro",
    effort("medium"),
    { thinking: { type: "enabled" }, reasoning_effort: "high" },
  ],
  [
    "deepseek",
    "deepseek-v4-pro",
    effort("xhigh"),
    { thinking: { type: "enabled" }, reasoning_effort: "high" },
  ],
  ["gemini", "gemini-3-pro", effort("max"), google({ thinking_level: "high" })],
  ["gemini", "gemini-3-pro", off, { reasoning_effort: "low" }],
  ["gemini", "gemini-2.5-flash", off, { reasoning_effort: "none" }],
  ["gemini", "gemini-2.5-pro", budget(5000), google({ thinking_budget: 5000 })],
  ["gemini", "gemini-2.5-pro", effort("low"), google({ thinking_budget: 1024 })],
  ["groq", "openai/gpt-oss-120b", effort("xhigh"), { reasoning_effort: "high", reasoning_format: "parsed" }],
  ["groq", "openai/gpt-oss-120b", off, { reasoning_effort: "low" }],
  ["groq", "qwen/qwen3-32b", off, { reasoning_effort: "none" }],
  ["ollama", "qwen3", effort("max"), { reasoning_effort: "max" }],
  ["ollama", "qwen3", off, { reasoning_effort: "none" }],
  ["vllm", "qwen3", off, { chat_template_kwargs: { enable_thinking: false }, reasoning_effort: "none" }],
  [
    "vllm",
    "qwen3",
    budget(9000),
    {
      chat_template_kwargs: { enable_thinking: true },
      reasoning_effort: "high",
      thinking_token_budget: 9000,
    },
  ],
  [
    "llamacpp",
    "qwen3",
    budget(1024),
    {
      chat_template_kwargs: { enable_thinking: true },
      reasoning_effort: "low",
      thinking_budget_tokens: 1024,
    },
  ],
  ["lmstudio", "x", effort("high"), {}],
  ["moonshot", "kimi-k2.6", off, { thinking: { type: "disabled" } }],
  ["moonshot", "kimi-k2.6", effort("high"), { thinking: { type: "enabled", keep: "all" } }],
  ["moonshot", "kimi-k2.5", effort("high"), { thinking: { type: "enabled" } }],
  ["moonshot", "kimi-k3", off, { reasoning_effort: "low" }],
  ["mistral", "mistral-medium-latest", effort("low"), { reasoning_effort: "high" }],
  ["mistral", "mistral-small-latest", off, { reasoning_effort: "none" }],
  ["mistral", "mistral-large-4", effort("max"), { reasoning_effort: "high" }],
  ["mistral", "mistral-medium-2505", effort("max"), {}],
  ["moonshot", "kimi-k3", effort("medium"), { reasoning_effort: "high" }],
  [
    "zai",
    "glm-5.2",
    effort("max"),
    { thinking: { type: "enabled", clear_thinking: false }, reasoning_effort: "max" },
  ],
  ["zai", "glm-4.6", effort("max"), { thinking: { type: "enabled", clear_thinking: false } }],
  ["qwen", "qwen3-max", budget(4000), { enable_thinking: true, thinking_budget: 4000 }],
  ["qwen", "qwen3-max", off, { enable_thinking: false }],
  ["mistral", "magistral-medium", on, { prompt_mode: "reasoning" }],
  ["minimax", "MiniMax-M2", on, { reasoning_split: true }],
  ["minimax", "MiniMax-M3", off, { thinking: { type: "disabled" } }],
  ["minimax", "MiniMax-M3", on, { thinking: { type: "adaptive" }, reasoning_split: true }],
  ["generic", "x", effort("high"), { reasoning_effort: "high" }],
  ["generic", "x", off, {}],
  ["generic", "x", on, {}],
  ["qwen", "qwen3.7-max", on, { enable_thinking: true, preserve_thinking: true }],
  ["qwen", "qwen3-235b-thinking-2507", off, {}],
  ["minimax", "MiniMax-M3.1-Flash", off, { thinking: { type: "adaptive" } }],
  ["gemini", "gemini-3.5-flash", off, { reasoning_effort: "minimal" }],
  ["mistral", "codestral-latest", effort("high"), {}],
  ["groq", "qwen/qwen3.8-27b", effort("low"), { reasoning_effort: "low", reasoning_format: "parsed" }],
];

describe("reasoning in the backend's own fields", () => {
  for (const [backend, model, wish, fields] of rows) {
    test(`${backend} ${model} ${JSON.stringify(wish)}`, () => {
      expect(writeReasoning(planFor(ask(wish), { backend, model }))).toEqual(fields);
    });
  }

  test("without a request for reasoning there is no field, and effort alone is not a request", () => {
    for (const backend of ["openrouter", "openai", "deepseek", "gemini", "vllm", "qwen", "zai"] as const) {
      for (const wish of [{}, { output_config: { effort: "high" } }]) {
        expect(writeReasoning(planFor(ask(wish), { backend, model: "gpt-5.4" }))).toEqual({});
      }
    }
  });
});
