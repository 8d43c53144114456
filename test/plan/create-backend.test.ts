import { expect, test } from "bun:test";
import { createBackend, requestUrl } from "../../src/plan/create-backend.ts";
import { version } from "../../src/version.ts";
import { testConfig } from "../support/proxy.ts";

const backendFor = (changes: object) => createBackend(testConfig({ backend: changes }).backend);

test.each([
  ["https://api.anthropic.com", "https://api.anthropic.com/v1/messages"],
  ["https://api.anthropic.com/v1/", "https://api.anthropic.com/v1/messages"],
  ["https://gateway.example/team/anthropic", "https://gateway.example/team/anthropic/v1/messages"],
  ["https://gateway.example/v1/messages", "https://gateway.example/v1/messages"],
])("%s is asked in Anthropic's own format, without being told so", (baseUrl, messagesUrl) => {
  expect(backendFor({ baseUrl })).toMatchObject({ protocol: "anthropic", messagesUrl });
});

test.each([
  ["https://api.deepseek.com", "https://api.deepseek.com/anthropic/v1/messages"],
  ["https://api.deepseek.com/anthropic", "https://api.deepseek.com/anthropic/v1/messages"],
  ["https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/messages"],
  [
    "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    "https://dashscope-intl.aliyuncs.com/apps/anthropic/v1/messages",
  ],
  ["https://api.kimi.com/coding/", "https://api.kimi.com/coding/v1/messages"],
  ["http://localhost:11434/v1", "http://localhost:11434/v1/messages"],
  ["https://gateway.example", "https://gateway.example/v1/messages"],
])("%s with the protocol anthropic is asked at %s", (baseUrl, messagesUrl) => {
  expect(backendFor({ baseUrl, protocol: "anthropic" })).toMatchObject({ messagesUrl });
});

test("Anthropic gets its key in the header that it has for it, others as a bearer", () => {
  const own = backendFor({ baseUrl: "https://api.anthropic.com", apiKey: "sk-ant-1" });
  expect(own.headers).toMatchObject({ "x-api-key": "sk-ant-1", "anthropic-version": "2023-06-01" });
  expect(own.headers.authorization).toBeUndefined();
  const other = backendFor({ baseUrl: "https://api.deepseek.com/anthropic", apiKey: "sk-1" });
  expect(other.headers.authorization).toBe("Bearer sk-1");
});

const addresses: [name: string, base: string, version: string | undefined, chat: string, models: string][] = [
  [
    "a base URL",
    "https://a.example/v1",
    undefined,
    "https://a.example/v1/chat/completions",
    "https://a.example/v1/models",
  ],
  [
    "the complete endpoint URL",
    "https://a.example/v1/chat/completions",
    undefined,
    "https://a.example/v1/chat/completions",
    "https://a.example/v1/models",
  ],
  [
    "Azure, the resource",
    "https://r.openai.azure.com",
    "2025-04-01",
    "https://r.openai.azure.com/openai/deployments/gpt%205/chat/completions?api-version=2025-04-01",
    "https://r.openai.azure.com/openai/models?api-version=2025-04-01",
  ],
  [
    "Azure, a deployment",
    "https://r.openai.azure.com/openai/deployments/mine",
    "2025-04-01",
    "https://r.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2025-04-01",
    "https://r.openai.azure.com/openai/models?api-version=2025-04-01",
  ],
  [
    "Azure, v1",
    "https://r.openai.azure.com/openai/v1",
    "2025-04-01",
    "https://r.openai.azure.com/openai/v1/chat/completions",
    "https://r.openai.azure.com/openai/v1/models",
  ],
];

for (const [name, baseUrl, azureApiVersion, chat, models] of addresses) {
  test(name, () => {
    const backend = backendFor({ baseUrl, azureApiVersion });
    expect(requestUrl(backend, "chat", "gpt 5")).toBe(chat);
    expect(backend.modelsUrl).toBe(models);
  });
}

const agent = { "user-agent": `claude-code-proxy/${version}` };

test("the key goes where the backend expects it, and the operator's own header takes precedence", () => {
  expect(backendFor({ apiKey: "k" }).headers).toEqual({ ...agent, authorization: "Bearer k" });
  expect(backendFor({ apiKey: "k", azureApiVersion: "v" }).headers).toEqual({ ...agent, "api-key": "k" });
  expect(backendFor({ apiKey: "k", baseUrl: "https://r.openai.azure.com/openai/v1" }).headers).toEqual({
    ...agent,
    "api-key": "k",
  });
  expect(backendFor({ customHeaders: { Authorization: "Other", "X-Title": "t" } }).headers).toEqual({
    ...agent,
    authorization: "Other",
    "x-title": "t",
  });
  expect(backendFor({ customHeaders: { "User-Agent": "Mine/1" } }).headers).toMatchObject({
    "user-agent": "Mine/1",
  });
});

test.each([
  ["https://api.groq.com", "https://api.groq.com/openai/v1/chat/completions"],
  ["https://r.openai.azure.com/", "https://r.openai.azure.com/openai/v1/chat/completions"],
  ["http://host.docker.internal:11434", "http://host.docker.internal:11434/v1/chat/completions"],
  ["https://api.deepseek.com", "https://api.deepseek.com/chat/completions"],
  [
    "https://us-central1-aiplatform.googleapis.com",
    "https://us-central1-aiplatform.googleapis.com/chat/completions",
  ],
  ["https://gateway.example", "https://gateway.example/chat/completions"],
  ["https://api.groq.com/other", "https://api.groq.com/other/chat/completions"],
])("%s is completed by the path of a known API alone", (baseUrl, chatUrl) => {
  expect(backendFor({ baseUrl }).urls.chat).toBe(chatUrl);
});

test.each([
  ["https://r.openai.azure.com", "https://r.openai.azure.com/openai/v1/models"],
  ["https://r.openai.azure.com/openai/", "https://r.openai.azure.com/openai/v1/models"],
  ["https://openrouter.ai/api", "https://openrouter.ai/api/v1/models"],
  ["https://api.openai.com/v2", "https://api.openai.com/v2/models"],
  ["https://gateway.example", "https://gateway.example/models"],
])("the path that %s lacks is completed where it is certain", (baseUrl, models) => {
  expect(backendFor({ baseUrl, azureApiVersion: undefined }).modelsUrl).toBe(models);
});

test.each([
  ["http://127.0.0.1:8080/v1", 600],
  ["http://192.168.1.5:8080/v1", 600],
  ["http://ollama:11434", 600],
  ["https://api.openai.com/v1", 300],
])("%s may be silent for %d s up to the first token", (baseUrl, seconds) => {
  expect(backendFor({ baseUrl })).toMatchObject({ firstSilenceMs: seconds * 1000, silenceMs: 90_000 });
});

test("REQUEST_TIMEOUT is the longest silence at any time", () => {
  expect(backendFor({ requestTimeout: 7 })).toMatchObject({ firstSilenceMs: 7000, silenceMs: 7000 });
});

test("an address that names a deployment has no protocol but chat completions", () => {
  const baseUrl = "https://r.openai.azure.com/openai/deployments/mine";
  expect(backendFor({ baseUrl, azureApiVersion: "2025-04-01" }).protocol).toBe("chat");
  expect(backendFor({ baseUrl: "https://a.example/v1" }).protocol).toBeUndefined();
});

test.each<[name: string, changes: object, url: string]>([
  ["beside the other path", { baseUrl: "https://a.example/v1" }, "https://a.example/v1/responses"],
  ["as given", { baseUrl: "https://a.example/v1/responses" }, "https://a.example/v1/responses"],
  [
    "where Azure's body names the deployment",
    { baseUrl: "https://r.openai.azure.com", azureApiVersion: "2025-04-01" },
    "https://r.openai.azure.com/openai/responses?api-version=2025-04-01",
  ],
])("responses are asked for %s", (_, changes, url) => {
  expect(requestUrl(backendFor(changes), "responses", "gpt 5")).toBe(url);
});
