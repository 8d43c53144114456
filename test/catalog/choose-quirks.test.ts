import { describe, expect, test } from "bun:test";
import { type BackendName, backendNames } from "../../src/catalog/backends/known-backends.ts";
import {
  type BackendAddress,
  chooseQuirks,
  quirksForModel,
  quirksNamed,
  recognizeServer,
} from "../../src/catalog/choose-quirks.ts";
import type { Quirks } from "../../src/catalog/quirks.ts";

const choose = (address: Partial<BackendAddress>) =>
  chooseQuirks({ baseUrl: "https://api.openai.com/v1", hasApiVersion: false, name: undefined, ...address });

const generic = quirksNamed("generic");

describe("a server is known by what it says of itself", () => {
  const address = { baseUrl: "http://gateway.lan:8080/v1", hasApiVersion: false, name: undefined };
  const silent = { ownedBy: [], server: "" };

  test.each<[BackendName, object]>([
    ["llamacpp", { server: "llama.cpp" }],
    ["llamacpp", { ownedBy: ["llamacpp"] }],
    ["vllm", { ownedBy: ["vllm"], server: "uvicorn" }],
    ["ollama", { ownedBy: ["library"] }],
    ["lmstudio", { ownedBy: ["organization_owner"] }],
  ])("%s: %j", (name, said) => {
    expect(recognizeServer(address, { ...silent, ...said })?.name).toBe(name);
  });

  test("only if all its models say the same, and neither host nor operator say anything", () => {
    expect(recognizeServer(address, silent)).toBeUndefined();
    expect(recognizeServer(address, { ...silent, ownedBy: ["vllm", "someone"] })).toBeUndefined();
    const said = { ...silent, ownedBy: ["vllm"] };
    expect(recognizeServer({ ...address, baseUrl: "https://api.groq.com/openai/v1" }, said)).toBeUndefined();
    expect(recognizeServer({ ...address, name: "generic" }, said)).toBeUndefined();
  });
});

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

  test.each<[string, BackendName]>([
    ["http://host.docker.internal:11434/v1", "ollama"],
    ["http://ollama:11434/v1", "ollama"],
    ["http://ollama/v1", "ollama"],
    ["http://192.168.1.20:8080/v1", "llamacpp"],
    ["https://llm.example.com:8000/v1", "vllm"],
    ["http://lmstudio.lan:1234/v1", "lmstudio"],
    ["https://eu.api.openai.com/v1", "openai"],
    ["https://coding-intl.dashscope.aliyuncs.com/v1", "qwen"],
    ["https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1", "qwen"],
    // A host says more than a port.
    ["http://vllm:8080/v1", "vllm"],
  ])("%s, by a port on any host or by the name of a host", (url, name) => {
    expect(choose({ baseUrl: url }).name).toBe(name);
  });

  test("similar host names and ports are not recognized", () => {
    for (const url of [
      "https://openrouter.ai.example.com/v1",
      "https://notopenrouter.ai/v1",
      "https://api.openai.com.example.org/v1",
      "http://localhost:9999/v1",
      "http://localhost:18080/v1",
    ])
      expect(choose({ baseUrl: url })).toEqual(generic);
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
  expect(choose({ name: "generic", hasApiVersion: true })).toEqual(generic);
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
    [
      "moonshot",
      "kimi-k2.6",
      { toolChoice: { any: "auto", named: "function" }, sampling: { allowed: false } },
    ],
    ["moonshot", "kimi-k3", { toolChoice: { any: "required", forcedWithReasoning: true } }],
    ["moonshot", "moonshot-v1-32k", { sampling: { allowed: true, temperatureRange: [0, 1] } }],
    ["zai", "glm-4.6", { tools: { extras: { tool_stream: true } } }],
    ["zai", "glm-4.5-air", { tools: { extras: {} } }],
    ["minimax", "MiniMax-M2.5", { json: { format: "none" } }],
    ["minimax", "MiniMax-M3", { json: { format: "json_object" } }],
    ["generic", "google/gemini-3-pro", { reasoning: { replay: "thought-signature" } }],
    ["generic", "gemini-2.5-flash", { reasoning: { replay: "reasoning_content" } }],
    ["openrouter", "openai/gpt-5.4", { request: { minTokens: 16 }, tools: { max: 128 } }],
    ["openrouter", "z-ai/glm-5", { tools: { max: Number.POSITIVE_INFINITY } }],
  ])("%s %s", (row, model, expected) => {
    expect(of(row, model)).toMatchObject(expected);
  });

  test.each([
    "openai/gpt-5.4",
    "my-gpt-5.4",
    "my_gpt_5.4",
    "prod_gpt-5-4",
    "GPT5.4-eu",
    "accounts/me/models/gpt-5.4",
    "us.openai.gpt-5.4-2026-03-05",
    "azure/gpt-5.4:latest",
  ])("a family is seen in %s, at its own API and at an unknown gateway", (model) => {
    const same = {
      sampling: { allowed: false },
      reasoning: { off: { reasoning_effort: "none" }, withTools: false },
    };
    expect(of("azure", model)).toMatchObject(same);
    expect(of("generic", model)).toMatchObject({ ...same, messages: { systemRole: "system" } });
  });

  const effortsOf = ({ reasoning }: Quirks) =>
    [reasoning.off.reasoning_effort, ...reasoning.efforts].join(" ");
  test.each([
    ["o3", "low low medium high"],
    ["gpt-5", "minimal minimal low medium high"],
    ["gpt-5-2025-08-07", "minimal minimal low medium high"],
    ["my-gpt-5-prod", "minimal minimal low medium high"],
    ["gpt-5.1", "none low medium high"],
    ["gpt-5.2", "none low medium high xhigh"],
    ["gpt-5.6-sol", "none low medium high xhigh"],
    ["gpt-6-luna", "none low medium high xhigh max"],
    ["gpt-6.1-terra", "none low medium high xhigh max"],
    ["gpt-6-astra", "low low medium high xhigh"],
    ["gpt-6.1-sol", "low low medium high xhigh"],
    ["gpt-6.2-sol", "low low medium high xhigh"],
  ])("OpenAI's %s takes %s", (model, efforts) => {
    expect(effortsOf(of("openai", model))).toBe(efforts);
  });

  test.each([
    ["grok-4.3", "none low medium high"],
    ["grok-4.6", "low low medium high xhigh"],
    ["grok-4.7", "low low medium high"],
  ])("xAI's %s takes %s", (model, efforts) => {
    expect(effortsOf(of("xai", model))).toBe(efforts);
  });

  test("names that only look alike mean nothing, and the tables are not modified", () => {
    for (const model of ["o-llama", "foo3", "gpt-oss-120b", "gptx-5", "turbo1", "local", "qwen3-8b"])
      expect(of("generic", model)).toEqual(generic);
    of("openai", "o3");
    expect(quirksNamed("openai").sampling.allowed).toBe(true);
  });
});
