/** What each backend is asked and what it answers, for `journey/backends.test.ts`. */
import { expect } from "bun:test";
import type { BackendName } from "../../src/catalog/backends/known-backends.ts";

/** The files are in the backend's folder of `test/fixtures/openai-chat/`. */
export type BackendRow = {
  readonly model: string;
  /** The fields of the request, besides those that all have. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Fields that this server accepts beyond OpenAI's, or in greater numbers. */
  readonly extensions?: readonly string[];
  readonly auth?: "api-key";
  /** An answer in words. */
  readonly text: string;
  /** An answer with a tool call. */
  readonly call: string;
  /** A refusal, and what the client sees of it. */
  readonly error: readonly [file: string, status: number, type: string, message: string];
};

const sampling = { temperature: 0.5, top_p: 0.9 };
const stop = ["</a>", "</b>", "</c>", "</d>"];
const stops = { stop };
const usage = { stream_options: { include_usage: true } };
const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
export const session = "session-1";

/** Everything a client may ask for; each backend gets the part that it supports. */
export const wishes = {
  system: "Be kind",
  temperature: 0.5,
  top_p: 0.9,
  top_k: 5,
  stop_sequences: [...stop, "</e>"],
  speed: "fast",
  fallbacks: [{ model: "claude-haiku-5" }],
  metadata: { user_id: "someone" },
  tools: ["read_file", "get_weather", "get_time", "list_files", "save", "search", "mark"].map((name) => ({
    name,
    input_schema: { type: "object", properties: {} },
  })),
};

/** Which part of it each backend gets, and how it answers. */
export const backendRows: Readonly<Record<BackendName, BackendRow>> = {
  openrouter: {
    model: "google/gemini-3-pro",
    fields: {
      max_tokens: 100,
      ...usage,
      ...sampling,
      top_k: 5,
      ...stops,
      user: hash,
      session_id: session,
      service_tier: "priority",
      models: ["google/gemini-3-pro", "small-model"],
    },
    extensions: ["top_k", "session_id", "models", "cache_control"],
    text: "text.sse",
    call: "reasoning-tool.sse",
    error: ["err-credits.json", 402, "billing_error", "requires more credits"],
  },
  openai: {
    model: "gpt-5.4",
    fields: {
      max_completion_tokens: 100,
      ...usage,
      safety_identifier: hash,
      prompt_cache_key: session,
      service_tier: "priority",
      reasoning_effort: "none",
    },
    text: "text.sse",
    call: "parallel-tools.sse",
    error: ["err-quota.json", 402, "billing_error", "exceeded your current quota"],
  },
  azure: {
    model: "my-deployment",
    auth: "api-key",
    fields: {
      max_completion_tokens: 100,
      ...usage,
      ...sampling,
      ...stops,
      user: hash,
      prompt_cache_key: session,
    },
    text: "prompt-filter.sse",
    call: "tool.sse",
    error: ["err-deployment.json", 404, "not_found_error", "deployment"],
  },
  xai: {
    model: "grok-4.3",
    fields: { max_completion_tokens: 100, ...usage, ...sampling, prompt_cache_key: session },
    text: "no-finish-key.sse",
    call: "tool.sse",
    error: [
      "err-argument.json",
      400,
      "invalid_request_error",
      "prompt is too long: 140000 tokens > 131072 maximum",
    ],
  },
  deepseek: {
    model: "deepseek-v4-pro",
    fields: { max_tokens: 100, ...usage, ...sampling, stop: [...stop, "</e>"] },
    extensions: ["stop"],
    text: "reasoning.sse",
    call: "tool.sse",
    error: ["err-balance.json", 402, "billing_error", "Insufficient Balance"],
  },
  gemini: {
    model: "gemini-3-flash",
    fields: { max_tokens: 100, ...usage, ...sampling, ...stops },
    text: "text.sse",
    call: "two-calls-one-chunk.sse",
    error: [
      "err-array.json",
      400,
      "invalid_request_error",
      "prompt is too long: 1200000 tokens > 1048576 maximum",
    ],
  },
  mistral: {
    model: "mistral-large-latest",
    fields: { max_tokens: 100, ...sampling, ...stops, prompt_cache_key: session },
    text: "text.sse",
    call: "tool.sse",
    error: ["err-detail.json", 400, "invalid_request_error", "Extra inputs are not permitted"],
  },
  groq: {
    model: "openai/gpt-oss-120b",
    fields: { max_completion_tokens: 100, ...usage, ...sampling, ...stops },
    text: "x-usage.sse",
    call: "tool.sse",
    error: ["err-failed-call.json", 400, "invalid_request_error", "Failed to call a function"],
  },
  ollama: {
    model: "qwen3:8b",
    fields: { max_tokens: 100, ...usage, ...sampling },
    text: "text.sse",
    call: "whole-call.sse",
    error: ["err-model.json", 404, "not_found_error", "try pulling it first"],
  },
  vllm: {
    model: "Qwen/Qwen3-8B",
    fields: { max_tokens: 100, ...usage, ...sampling, top_k: 5 },
    extensions: ["top_k"],
    text: "stop-sequence.sse",
    call: "tool.sse",
    error: [
      "err-length.json",
      400,
      "invalid_request_error",
      "prompt is too long: 40000 tokens > 32768 maximum",
    ],
  },
  llamacpp: {
    model: "tiny-scripted",
    fields: { max_tokens: 100, ...usage, ...sampling, top_k: 5 },
    extensions: ["top_k"],
    text: "text.sse",
    call: "thinktool.sse",
    error: ["err-ctx.json", 400, "invalid_request_error", "prompt is too long: 70010 tokens > 32768 maximum"],
  },
  lmstudio: {
    model: "qwen3-8b",
    fields: { max_tokens: 100, ...usage, ...sampling, top_k: 5 },
    extensions: ["top_k"],
    text: "text.sse",
    call: "tool.sse",
    error: ["err-string.json", 400, "invalid_request_error", "No models loaded"],
  },
  moonshot: {
    model: "kimi-k2.6",
    fields: { max_completion_tokens: 100, ...usage, ...stops, prompt_cache_key: session },
    text: "text.sse",
    call: "usage-in-choice.sse",
    error: ["err-overloaded.json", 529, "overloaded_error", "currently overloaded"],
  },
  zai: {
    model: "glm-4.7",
    fields: { max_tokens: 100, ...sampling, stop: ["</a>"], tool_stream: true },
    extensions: ["tool_stream"],
    text: "text.sse",
    call: "tool.sse",
    error: ["err-prompt.json", 400, "invalid_request_error", "prompt is too long"],
  },
  qwen: {
    model: "qwen3-max",
    fields: { max_tokens: 100, ...usage, ...sampling, top_k: 5, ...stops },
    extensions: ["top_k"],
    text: "text.sse",
    call: "empty-fragments.sse",
    error: ["err-inspection.json", 400, "invalid_request_error", "inappropriate content"],
  },
  minimax: {
    model: "MiniMax-M2.5",
    fields: { max_completion_tokens: 100, ...usage, ...sampling, ...stops, reasoning_split: true },
    extensions: ["reasoning_split"],
    text: "cumulative.sse",
    call: "tool.sse",
    error: ["err-window.json", 400, "invalid_request_error", "prompt is too long"],
  },
  cerebras: {
    model: "zai-glm-4.7",
    fields: {
      max_completion_tokens: 100,
      ...usage,
      ...sampling,
      ...stops,
      user: hash,
      prompt_cache_key: session,
    },
    text: "text.sse",
    call: "tool.sse",
    error: ["err-refusal.json", 400, "invalid_request_error", "reasoning_content"],
  },
  vercel: {
    model: "anthropic/claude-sonnet-5",
    fields: { max_tokens: 100, ...usage, ...sampling, ...stops },
    text: "text.sse",
    call: "tool.sse",
    error: ["err-refusal.json", 402, "billing_error", "Insufficient funds"],
  },
  sglang: {
    model: "Qwen/Qwen3-8B",
    fields: { max_tokens: 100, ...usage, ...sampling, top_k: 5 },
    extensions: ["top_k"],
    text: "text.sse",
    call: "tool.sse",
    error: [
      "err-refusal.json",
      400,
      "invalid_request_error",
      "prompt is too long: 41000 tokens > 32768 maximum",
    ],
  },
  together: {
    model: "openai/gpt-oss-120b",
    fields: { max_tokens: 100, ...usage, ...sampling, top_k: 5, ...stops },
    extensions: ["top_k"],
    text: "text.sse",
    call: "tool.sse",
    error: ["err-refusal.json", 429, "rate_limit_error", "rate limit"],
  },
  fireworks: {
    model: "accounts/fireworks/models/gpt-oss-120b",
    fields: {
      max_tokens: 100,
      ...usage,
      ...sampling,
      top_k: 5,
      ...stops,
      user: hash,
      prompt_cache_key: session,
    },
    extensions: ["top_k"],
    text: "text.sse",
    call: "tool.sse",
    error: ["err-refusal.json", 404, "not_found_error", "Model not found"],
  },
  nim: {
    model: "openai/gpt-oss-120b",
    fields: { max_tokens: 100, ...usage, ...sampling, ...stops },
    text: "text.sse",
    call: "tool.sse",
    error: ["err-refusal.json", 403, "permission_error", "Authorization failed"],
  },
  bedrock: {
    model: "openai.gpt-oss-120b-1:0",
    fields: { max_completion_tokens: 100, ...usage, ...sampling, ...stops },
    text: "text.sse",
    call: "tool.sse",
    error: ["err-refusal.json", 400, "invalid_request_error", "identifier is invalid"],
  },
  vertex: {
    model: "google/gemini-3.5-flash",
    fields: { max_tokens: 100, ...usage, ...sampling, ...stops },
    text: "text.sse",
    call: "tool.sse",
    error: ["err-refusal.json", 404, "not_found_error", "Publisher Model"],
  },
  copilot: {
    model: "gemini-3.5-flash",
    fields: { max_tokens: 100, ...usage, ...sampling, ...stops },
    text: "text.sse",
    call: "tool.sse",
    error: ["err-refusal.json", 400, "invalid_request_error", "not accessible via"],
  },
  xiaomi: {
    model: "mimo-v2-flash",
    fields: { max_completion_tokens: 100, ...usage, ...sampling, ...stops },
    text: "text.sse",
    call: "tool.sse",
    error: ["err-refusal.json", 401, "authentication_error", "Invalid API Key"],
  },
  ark: {
    model: "seed-1-8-251228",
    fields: { max_tokens: 100, ...usage, ...sampling, ...stops },
    text: "text.sse",
    call: "tool.sse",
    error: ["err-refusal.json", 404, "not_found_error", "does not exist"],
  },
  deepinfra: {
    model: "openai/gpt-oss-120b",
    fields: { max_tokens: 100, ...usage, ...sampling, top_k: 5, ...stops, user: hash },
    extensions: ["top_k"],
    text: "text.sse",
    call: "tool.sse",
    error: ["err-refusal.json", 401, "authentication_error", "User authentication failed"],
  },
  huggingface: {
    model: "openai/gpt-oss-120b",
    fields: { max_tokens: 100, ...usage, ...sampling, ...stops },
    text: "text.sse",
    call: "tool.sse",
    error: ["err-refusal.json", 401, "authentication_error", "Invalid username"],
  },
  stepfun: {
    model: "step-3.5-flash",
    fields: { max_tokens: 100, ...usage, ...sampling, ...stops },
    text: "text.sse",
    call: "tool.sse",
    error: ["err-refusal.json", 401, "authentication_error", "Incorrect API key"],
  },
  siliconflow: {
    model: "Qwen/Qwen3-235B-A22B-Instruct-2507",
    fields: { max_tokens: 100, ...usage, ...sampling, top_k: 5, ...stops },
    extensions: ["top_k"],
    text: "text.sse",
    call: "tool.sse",
    error: ["err-refusal.json", 400, "invalid_request_error", "enable_thinking"],
  },
  generic: {
    model: "local",
    fields: { max_tokens: 100, ...usage, ...sampling, ...stops },
    text: "think-tags.sse",
    call: "tool.sse",
    error: ["err-flat.json", 400, "invalid_request_error", "cannot do that"],
  },
};
