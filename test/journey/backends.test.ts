/**
 * Every backend of `catalog/backends/` by its name: what it is asked, field for field, by a server that takes no
 * other field, and its answers in its own manner, to a client that streams and to one that does not.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { type BackendName, backendNames } from "../../src/catalog/backends/known-backends.ts";
import { expectedAnswers } from "../fixtures/openai-chat/expected.ts";
import { type FakeReply, json, raw } from "../support/fake-upstream.ts";
import { checkStream, foldContent } from "../support/grammar.ts";
import { ask, readError, startProxy } from "../support/proxy.ts";

type Case = {
  readonly model: string;
  /** The fields of the request, besides those that all have. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Fields that this server takes beyond OpenAI's, or in greater numbers. */
  readonly extensions?: readonly string[];
  readonly auth?: "api-key";
  readonly text: string;
  readonly call: string;
  readonly error: readonly [file: string, status: number, type: string, message: string];
};

const sampling = { temperature: 0.5, top_p: 0.9 };
const stop = ["</a>", "</b>", "</c>", "</d>"];
const stops = { stop };
const usage = { stream_options: { include_usage: true } };
const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
const session = "session-1";

const cases: Readonly<Record<BackendName, Case>> = {
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
    text: "openrouter-text.sse",
    call: "openrouter-reasoning-tool.sse",
    error: ["openrouter-err-credits.json", 402, "billing_error", "requires more credits"],
  },
  openai: {
    model: "gpt-5.4",
    fields: {
      max_completion_tokens: 100,
      ...usage,
      safety_identifier: hash,
      prompt_cache_key: session,
      service_tier: "priority",
    },
    text: "openai-text.sse",
    call: "openai-parallel-tools.sse",
    error: ["openai-err-quota.json", 402, "billing_error", "exceeded your current quota"],
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
    text: "azure-prompt-filter.sse",
    call: "azure-tool.sse",
    error: ["azure-err-deployment.json", 404, "not_found_error", "deployment"],
  },
  xai: {
    model: "grok-4.3",
    fields: { max_completion_tokens: 100, ...usage, ...sampling, prompt_cache_key: session },
    text: "xai-no-finish-key.sse",
    call: "xai-tool.sse",
    error: [
      "xai-err-argument.json",
      400,
      "invalid_request_error",
      "prompt is too long: 140000 tokens > 131072 maximum",
    ],
  },
  deepseek: {
    model: "deepseek-v4",
    fields: { max_tokens: 100, ...usage, ...sampling, stop: [...stop, "</e>"] },
    extensions: ["stop"],
    text: "deepseek-reasoning.sse",
    call: "deepseek-tool.sse",
    error: ["deepseek-err-balance.json", 402, "billing_error", "Insufficient Balance"],
  },
  gemini: {
    model: "gemini-3-flash",
    fields: { max_tokens: 100, ...usage, ...sampling, ...stops },
    text: "gemini-text.sse",
    call: "gemini-two-calls-one-chunk.sse",
    error: [
      "gemini-err-array.json",
      400,
      "invalid_request_error",
      "prompt is too long: 1200000 tokens > 1048576 maximum",
    ],
  },
  mistral: {
    model: "mistral-large-latest",
    fields: { max_tokens: 100, ...sampling, ...stops, prompt_cache_key: session },
    text: "mistral-text.sse",
    call: "mistral-tool.sse",
    error: ["mistral-err-detail.json", 400, "invalid_request_error", "Extra inputs are not permitted"],
  },
  groq: {
    model: "openai/gpt-oss-120b",
    fields: { max_completion_tokens: 100, ...usage, ...sampling, ...stops },
    text: "groq-x-usage.sse",
    call: "groq-tool.sse",
    error: ["groq-err-failed-call.json", 400, "invalid_request_error", "Failed to call a function"],
  },
  ollama: {
    model: "qwen3:8b",
    fields: { max_tokens: 100, ...usage, ...sampling, ...stops },
    text: "ollama-text.sse",
    call: "ollama-whole-call.sse",
    error: ["ollama-err-model.json", 404, "not_found_error", "try pulling it first"],
  },
  vllm: {
    model: "Qwen/Qwen3-8B",
    fields: { max_tokens: 100, ...usage, ...sampling, top_k: 5, stop: [...stop, "</e>"] },
    extensions: ["top_k", "stop"],
    text: "vllm-stop-sequence.sse",
    call: "vllm-tool.sse",
    error: [
      "vllm-err-length.json",
      400,
      "invalid_request_error",
      "prompt is too long: 40000 tokens > 32768 maximum",
    ],
  },
  llamacpp: {
    model: "tiny-scripted",
    fields: { max_tokens: 100, ...usage, ...sampling, top_k: 5, stop: [...stop, "</e>"] },
    extensions: ["top_k", "stop"],
    text: "llamacpp-text.sse",
    call: "llamacpp-thinktool.sse",
    error: [
      "llamacpp-err-ctx.json",
      400,
      "invalid_request_error",
      "prompt is too long: 70010 tokens > 32768 maximum",
    ],
  },
  lmstudio: {
    model: "qwen3-8b",
    fields: { max_tokens: 100, ...usage, ...sampling, top_k: 5, ...stops },
    extensions: ["top_k"],
    text: "lmstudio-text.sse",
    call: "lmstudio-tool.sse",
    error: ["lmstudio-err-string.json", 400, "invalid_request_error", "No models loaded"],
  },
  moonshot: {
    model: "kimi-k2.6",
    fields: { max_completion_tokens: 100, ...usage, ...stops, prompt_cache_key: session },
    text: "moonshot-text.sse",
    call: "moonshot-usage-in-choice.sse",
    error: ["moonshot-err-overloaded.json", 529, "overloaded_error", "currently overloaded"],
  },
  zai: {
    model: "glm-4.7",
    fields: { max_tokens: 100, ...sampling, stop: ["</a>"], tool_stream: true },
    extensions: ["tool_stream"],
    text: "zai-text.sse",
    call: "zai-tool.sse",
    error: ["zai-err-prompt.json", 400, "invalid_request_error", "prompt is too long"],
  },
  qwen: {
    model: "qwen3-max",
    fields: { max_tokens: 100, ...usage, ...sampling, top_k: 5, ...stops },
    extensions: ["top_k"],
    text: "qwen-text.sse",
    call: "qwen-empty-fragments.sse",
    error: ["qwen-err-inspection.json", 400, "invalid_request_error", "inappropriate content"],
  },
  minimax: {
    model: "MiniMax-M2.5",
    fields: { max_completion_tokens: 100, ...usage, ...sampling, ...stops, reasoning_split: true },
    extensions: ["reasoning_split"],
    text: "minimax-cumulative.sse",
    call: "minimax-tool.sse",
    error: ["minimax-err-window.json", 400, "invalid_request_error", "prompt is too long"],
  },
  generic: {
    model: "local",
    fields: { max_tokens: 100, ...usage, ...sampling, ...stops },
    text: "generic-think-tags.sse",
    call: "generic-tool.sse",
    error: ["generic-err-flat.json", 400, "invalid_request_error", "cannot do that"],
  },
};

const folder = `${import.meta.dir}/../fixtures/openai-chat/`;

/** Whatever a client may wish; each backend gets the part that it takes. */
const wishes = {
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
const client = { "x-claude-code-session-id": session };

const message = z.object({ content: z.array(z.looseObject({})) });

async function answerOf(file: string): Promise<FakeReply> {
  const type = file.endsWith(".sse") ? "text/event-stream" : "application/json";
  return raw(await Bun.file(folder + file).bytes(), { splitEvery: 97, headers: { "content-type": type } });
}

async function refusalOf(file: string): Promise<FakeReply> {
  const { status, body } = await Bun.file(folder + file).json();
  return json(body, status);
}

test("every backend has a case", () => {
  expect(Object.keys(cases)).toEqual([...backendNames]);
});

describe.each(Object.entries(cases))("%s", (backend, row) => {
  const started = startProxy(() => answerOf(row.text), {
    config: {
      backend: { name: backendNames.find((name) => name === backend) },
      models: { big: row.model },
    },
    upstream: { auth: row.auth ?? "bearer", extensions: row.extensions ?? [] },
  });
  afterAll(async () => (await started).close());

  test("is asked only for what it takes", async () => {
    const proxy = await started;
    proxy.upstream.follow(() => answerOf(row.text));
    const response = await proxy.post(ask(wishes), client);
    expect(response.status).toBe(200);
    const { body, headers, refused } = proxy.upstream.lastChat();
    expect(refused).toBeUndefined();
    expect(headers.has(row.auth === "api-key" ? "authorization" : "api-key")).toBe(false);
    expect(body).toEqual({
      model: row.model,
      messages: expect.any(Array),
      stream: true,
      tools: expect.any(Array),
      ...row.fields,
    });
  });

  for (const file of [row.text, row.call]) {
    test(`${file}: streaming and other clients get the same`, async () => {
      const proxy = await started;
      const expected = expectedAnswers.find((answer) => answer.file === file);
      proxy.upstream.follow(() => answerOf(file));
      const stream = await proxy.post(ask({ tools: wishes.tools, stream: true }));
      const streamed = foldContent(checkStream(await stream.text(), { allowTruncated: true }));
      // State that the backend wants back is no content.
      const told = streamed.filter(({ type }) => type !== "redacted_thinking");
      const content = told.map(({ type, ...block }) => {
        if ("text" in block) return { type, text: block.text };
        if ("thinking" in block) return { type, thinking: block.thinking };
        return "input" in block ? { type, name: block.name, input: block.input } : { type };
      });
      expect(content).toEqual([...(expected?.content ?? [])]);

      const whole = message.parse(await (await proxy.post(ask({ tools: wishes.tools }))).json());
      const withoutIds = (blocks: readonly object[]) => blocks.map((block) => ({ ...block, id: "" }));
      expect(withoutIds(whole.content)).toEqual(withoutIds(streamed));
    });
  }

  test("its refusal reaches the client before any answer", async () => {
    const proxy = await started;
    const [file, status, type, message] = row.error;
    proxy.upstream.follow(() => refusalOf(file));
    for (const stream of [true, false]) {
      const response = await proxy.post(ask({ stream }));
      const { error } = await readError(response);
      expect([response.status, error.type]).toEqual([status, type]);
      expect(error.message).toContain(message);
    }
  });
});
