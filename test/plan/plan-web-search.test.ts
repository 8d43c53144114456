import { describe, expect, test } from "bun:test";
import { planFor } from "../support/plans.ts";
import { ask } from "../support/proxy.ts";

const search = { type: "web_search_20250305", name: "web_search" };
const save = { name: "save", input_schema: { type: "object", properties: {} } };
const ofOpenRouter = (changes: Record<string, unknown>) =>
  planFor(ask(changes), { backend: "openrouter" }).webSearch;

describe("a web search", () => {
  test("is planned with all of its settings", () => {
    const user_location = { type: "approximate", city: "Delft", country: "NL", timezone: null };
    const tool = {
      ...search,
      max_uses: 3,
      allowed_domains: ["a.example"],
      blocked_domains: null,
      user_location,
    };
    expect(ofOpenRouter({ tools: [tool] })).toEqual({
      form: "server-tool",
      isSearchCall: true,
      isForced: false,
      query: "Hello",
      maxUses: 3,
      allowedDomains: ["a.example"],
      blockedDomains: [],
      userLocation: { city: "Delft", country: "NL", region: undefined, timezone: undefined },
    });
  });

  test.each([
    ["chosen", { tools: [search, save], tool_choice: { type: "tool", name: "web_search" } }, true, true],
    ["as the only tool, with a call required", { tools: [search], tool_choice: { type: "any" } }, true, true],
    ["alone", { tools: [search] }, true, false],
    ["among several tools", { tools: [search, save] }, false, false],
    [
      "among several tools, with a call required",
      { tools: [search, save], tool_choice: { type: "any" } },
      false,
      false,
    ],
  ])("%s", (_, changes, isSearchCall, isForced) => {
    expect(ofOpenRouter(changes)).toMatchObject({ isSearchCall, isForced });
  });

  test.each([
    ["no tool", {}],
    ["tool_choice none", { tools: [search], tool_choice: { type: "none" } }],
    ["a function of that name", { tools: [{ ...save, name: "web_search" }] }],
  ])("is not planned for %s", (_, changes) => {
    expect(ofOpenRouter(changes)).toBeUndefined();
  });

  test("invalid settings are dropped", () => {
    const tool = { ...search, max_uses: -1, allowed_domains: "a.example", user_location: 5 };
    expect(ofOpenRouter({ tools: [tool] })).toMatchObject({
      maxUses: undefined,
      allowedDomains: [],
      userLocation: undefined,
    });
  });

  test("the query is the user's last text, without what the client adds", () => {
    const messages = [
      { role: "user", content: "First" },
      { role: "assistant", content: "Yes" },
      {
        role: "user",
        content: [
          { type: "text", text: "<system-reminder>\nBe kind\n</system-reminder>" },
          { type: "text", text: "Perform a web search for the query: opening\n hours" },
        ],
      },
    ];
    expect(ofOpenRouter({ tools: [search], messages })?.query).toBe("opening hours");
  });
});

test("beside other tools only OpenRouter searches; a search alone is planned for every backend", () => {
  for (const [backend, model, form] of [
    ["generic", undefined, "none"],
    ["generic", "sonar-pro", "domain-filter"],
    ["xai", "grok-4", "none"],
    ["gemini", "gemini-3-pro", "none"],
    ["zai", "glm-5", "search-tool"],
    ["openai", "gpt-5.4", "search-options"],
    ["openai", "gpt-4o-search-preview", "search-options"],
    ["azure", "gpt-5.4", "none"],
    ["groq", "llama-3.3", "search-settings"],
    ["qwen", "qwen3-max-2026-01-23", "enable-search"],
    ["qwen", "qwen-plus", "enable-search"],
  ] as const) {
    const tool_choice = { type: "any" };
    const plan = planFor(ask({ tools: [search], tool_choice }), { backend, model });
    expect([backend, model, plan.webSearch?.form]).toEqual([backend, model, form]);
    expect(planFor(ask({ tools: [search, save] }), { backend, model }).webSearch).toBeUndefined();
  }
});

test("only a search alone goes to the search model", () => {
  const model = (changes: Record<string, unknown>, named: string) =>
    planFor(ask(changes), { backend: "openai", model: named }).model;
  expect(model({ tools: [search] }, "gpt-5.4")).toBe("gpt-5-search-api");
  expect(model({ tools: [search] }, "gpt-4o-search-preview")).toBe("gpt-4o-search-preview");
  expect(model({ tools: [search, save] }, "gpt-5.4")).toBe("gpt-5.4");
  expect(model({}, "gpt-5.4")).toBe("gpt-5.4");
});

test("fetching is planned where the backend can fetch", () => {
  const fetch = { type: "web_fetch_20260209", name: "web_fetch", max_uses: 2, max_content_tokens: 900 };
  const tools = { tools: [fetch, save], tool_choice: { type: "tool", name: "web_fetch" } };
  expect(planFor(ask(tools), { backend: "openrouter" }).webFetch).toEqual({
    isForced: true,
    maxUses: 2,
    maxContentTokens: 900,
    allowedDomains: [],
    blockedDomains: [],
  });
  expect(planFor(ask(tools), { backend: "openai" }).webFetch).toBeUndefined();
});
