import { expect, test } from "bun:test";
import { messagesRequest } from "../../src/anthropic/wire.ts";
import type { ModelFacts } from "../../src/catalog/models.ts";
import type { Config } from "../../src/config/read-config.ts";
import { chooseTarget } from "../../src/plan/choose-target.ts";
import { createRouting } from "../../src/plan/create-routing.ts";
import { ask, testConfig } from "../support/proxy.ts";

type BackendConfig = Partial<Config["backend"]>;

function target(body: Record<string, unknown>, backend: BackendConfig, models: readonly ModelFacts[] = []) {
  const routing = createRouting(testConfig({ backend }));
  routing.sites.default.catalog.replace(models, 0);
  return chooseTarget(messagesRequest.parse(ask(body)), routing);
}

test("the client's name is mapped, and the quirks are those of the model", () => {
  expect(target({ model: "claude-haiku-5-5" }, { name: "generic" }).model).toBe("small-model");
  const { model, quirks } = target({ model: "claude/o3" }, { name: "openai" });
  expect(model).toBe("o3");
  expect(quirks.sampling.allowed).toBe(false);
});

test("what the backend's list says of the model counts too", () => {
  const facts = { id: "a/b", supportedParameters: ["tools"] };
  const found = target({ model: "claude/a/b" }, { name: "openrouter" }, [facts]);
  expect(found.facts).toEqual(facts);
  expect(found.quirks.sampling.allowed).toBe(false);
  expect(target({ model: "claude/a/b" }, { name: "openrouter" }).facts).toBeUndefined();
});

test("a search alone goes to the search model", () => {
  const tools = [{ type: "web_search_20250305", name: "web_search" }];
  expect(target({ model: "claude/gpt-5.4", tools }, { name: "openai", protocol: "chat" }).model).toBe(
    "gpt-5-search-api",
  );
});

test("the URL is the one for this model", () => {
  const azure = {
    baseUrl: "https://mine.openai.azure.com",
    azureApiVersion: "2024-10-21",
    name: "azure",
  } as const;
  expect(target({ model: "claude/gpt-4o" }, azure).url).toContain("/deployments/gpt-4o/");
});

test("the model decides by which protocol it is asked, unless the operator does", () => {
  const by = (model: string, backend: BackendConfig) => {
    const { protocol, url, otherWays } = target({ model: `claude/${model}` }, backend);
    return [protocol, new URL(url).pathname, otherWays.map((way) => way.protocol)];
  };
  const baseUrl = "https://a.example/v1";
  expect(by("gpt-5.4", { name: "openai", baseUrl })).toEqual(["responses", "/v1/responses", ["chat"]]);
  expect(by("gpt-4.1", { name: "openai", baseUrl })).toEqual(["chat", "/v1/chat/completions", ["responses"]]);
  expect(by("gpt-5.4", { baseUrl })).toEqual(["chat", "/v1/chat/completions", ["responses"]]);
  expect(by("grok-4.7", { name: "xai", baseUrl })).toEqual(["responses", "/v1/responses", ["chat"]]);
  const chosen = { name: "openai", baseUrl, protocol: "chat" } as const;
  expect(by("gpt-5.4", chosen)).toEqual(["chat", "/v1/chat/completions", []]);
  expect(by("any", { baseUrl, protocol: "responses" })).toEqual(["responses", "/v1/responses", []]);
});

test("a model that searches itself is kept for a search alone", () => {
  const tools = [{ type: "web_search_20250305", name: "web_search" }];
  expect(target({ model: "claude/gpt-5.4", tools }, { name: "openai" }).model).toBe("gpt-5.4");
});

test("a model has the same target every time, until the list of its backend is replaced", () => {
  const routing = createRouting(testConfig());
  const { catalog } = routing.sites.default;
  const request = messagesRequest.parse(ask({ model: "claude/m" }));
  const before = chooseTarget(request, routing);
  expect(chooseTarget(request, routing)).toBe(before);
  const facts = [{ id: "m", contextWindow: 8000 }];
  catalog.replace(facts, 0);
  const after = chooseTarget(request, routing);
  expect(after.facts).toEqual({ id: "m", contextWindow: 8000 });
  catalog.replace(facts, 1);
  expect(chooseTarget(request, routing)).not.toBe(after);
});
