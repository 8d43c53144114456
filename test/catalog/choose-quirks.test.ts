import { describe, expect, test } from "bun:test";
import { type BackendName, backendNames } from "../../src/catalog/backends/known-backends.ts";
import {
  type BackendAddress,
  chooseQuirks,
  quirksForModel,
  quirksNamed,
} from "../../src/catalog/choose-quirks.ts";
import { commonQuirks } from "../../src/catalog/quirks.ts";

const choose = (address: Partial<BackendAddress>) =>
  chooseQuirks({ baseUrl: "https://api.openai.com/v1", hasApiVersion: false, name: undefined, ...address });

describe("the backend is chosen by its address", () => {
  test.each<[string, BackendName]>([
    ["https://openrouter.ai/api/v1", "openrouter"],
    ["https://api.openai.com/v1", "openai"],
    ["https://mine.openai.azure.com/openai/v1", "azure"],
    ["https://api.x.ai/v1", "xai"],
    ["https://api.deepseek.com", "deepseek"],
    ["https://generativelanguage.googleapis.com/v1beta/openai", "gemini"],
    ["https://api.mistral.ai/v1", "mistral"],
    ["https://api.groq.com/openai/v1", "groq"],
    ["https://api.moonshot.cn/v1", "moonshot"],
    ["https://api.z.ai/api/paas/v4", "zai"],
    ["https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "qwen"],
    ["https://api.minimax.io/v1", "minimax"],
    ["http://localhost:11434/v1", "ollama"],
    ["http://127.0.0.1:8000/v1", "vllm"],
    ["http://[::1]:8080/v1", "llamacpp"],
    ["http://localhost:1234/v1", "lmstudio"],
  ])("%s", (url, name) => {
    expect(choose({ baseUrl: url }).name).toBe(name);
  });

  test("similar host names, and usual ports of other machines, are not recognized", () => {
    for (const url of [
      "https://openrouter.ai.example.com/v1",
      "https://notopenrouter.ai/v1",
      "https://api.openai.com.example.org/v1",
      "https://llm.example.com:8000/v1",
      "http://localhost:9999/v1",
    ])
      expect(choose({ baseUrl: url })).toEqual(commonQuirks);
  });

  test("Azure settings take precedence over the address", () => {
    expect(choose({ baseUrl: "https://gateway.example.com/openai", hasApiVersion: true })).toMatchObject({
      name: "azure",
      request: { auth: "api-key" },
    });
  });
});

test("a name from the operator takes precedence over both", () => {
  expect(choose({ name: "vllm", hasApiVersion: true }).name).toBe("vllm");
  expect(choose({ name: "generic", hasApiVersion: true })).toEqual(commonQuirks);
  expect(backendNames.map((name) => quirksNamed(name).name)).toEqual([...backendNames]);
});

describe("quirks of single models", () => {
  const of = (row: BackendName, model: string) => quirksForModel(quirksNamed(row), model);

  test("OpenAI's reasoning models refuse sampling and stop sequences; chat models take them", () => {
    for (const model of ["o1", "o3-mini", "o4-mini", "gpt-5", "gpt-5.4-nano", "gpt-6"])
      expect(of("openai", model)).toMatchObject({
        messages: { systemRole: "developer" },
        sampling: { allowed: false, maxStops: 0 },
      });
    for (const model of ["gpt-4o", "gpt-4.1-mini", "gpt-5-chat-latest"])
      expect(of("openai", model)).toMatchObject({
        messages: { systemRole: "system" },
        sampling: { allowed: true, maxStops: 4 },
      });
  });

  test("OpenRouter gets cache marks only for models that use them", () => {
    for (const model of ["anthropic/claude-opus-5", "google/gemini-3-pro", "qwen/qwen3-max"])
      expect(of("openrouter", model).caching.marks).toBe(true);
    for (const model of ["openai/gpt-5.4", "deepseek/deepseek-v4", "meta-llama/llama-4"])
      expect(of("openrouter", model).caching.marks).toBe(false);
  });

  test.each<[BackendName, string, object]>([
    ["xai", "grok-4-fast-reasoning", { sampling: { maxStops: 0 } }],
    ["xai", "grok-4-fast-non-reasoning", { sampling: { maxStops: 4 } }],
    ["xai", "grok-code-fast-1", { sampling: { maxStops: 0 } }],
    ["groq", "llama-3.3-70b-versatile", { json: { format: "json_object" } }],
    ["groq", "openai/gpt-oss-120b", { json: { format: "json_schema" } }],
    ["moonshot", "kimi-k2.6", { toolChoice: { any: "required" }, sampling: { allowed: false } }],
    ["moonshot", "kimi-k3", { toolChoice: { any: "auto", named: "auto" } }],
    ["moonshot", "moonshot-v1-32k", { sampling: { allowed: true, temperatureRange: [0, 1] } }],
    ["zai", "glm-4.6", { tools: { extras: { tool_stream: true } } }],
    ["zai", "glm-4.5-air", { tools: { extras: {} } }],
    ["minimax", "MiniMax-M2.5", { json: { format: "none" } }],
    ["minimax", "MiniMax-M3", { json: { format: "json_object" } }],
    ["openrouter", "openai/gpt-5.4", { tools: { max: 128 } }],
    ["openrouter", "z-ai/glm-5", { tools: { max: Number.POSITIVE_INFINITY } }],
  ])("%s %s", (row, model, expected) => {
    expect(of(row, model)).toMatchObject(expected);
  });

  test("a model's name means nothing at another backend, and the tables are not modified", () => {
    const before = structuredClone(quirksNamed("generic"));
    expect(of("generic", "o3")).toEqual(before);
    of("openai", "o3");
    expect(quirksNamed("openai").sampling.allowed).toBe(true);
  });
});
