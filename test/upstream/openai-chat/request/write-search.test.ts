import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { z } from "zod";
import { changeQuirks } from "../../../../src/catalog/quirks.ts";
import { writeRequest } from "../../../../src/upstream/openai-chat/request/write-request.ts";
import { findViolation } from "../../../support/openai-rules.ts";
import { planFor } from "../../../support/plans.ts";
import { ask } from "../../../support/proxy.ts";

const search = { type: "web_search_20250305", name: "web_search" };
const save = { name: "save", input_schema: { type: "object", properties: {} } };

type Backend = Parameters<typeof planFor>[1];
const backends: readonly (readonly [Backend, readonly string[]])[] = [
  [{ backend: "openrouter" }, ["openrouter:web_search"]],
  [{ backend: "openai", model: "gpt-5.4" }, []],
  [{ backend: "groq", model: "llama" }, ["search_settings", "compound_custom"]],
  [{ backend: "zai", model: "glm-5" }, ["web_search"]],
  [{ backend: "qwen", model: "qwen3-max" }, ["enable_search", "search_options", "enable_thinking"]],
  [{ backend: "generic", model: "sonar" }, ["search_domain_filter", "web_search_options"]],
];

const sent = z.looseObject({
  messages: z.array(z.looseObject({ content: z.unknown() })),
  tools: z.array(z.looseObject({ type: z.string() })).optional(),
});
const write = (changes: Record<string, unknown>, backend: Backend) => {
  const { body, notes } = writeRequest(planFor(ask(changes), backend));
  return { body: sent.parse(JSON.parse(String(body))), notes };
};

test("any search is sent in a form that the backend accepts, with every domain", () => {
  const domain = fc.stringMatching(/^[a-z]{1,8}\.(com|org)(\/[a-z]{1,5})?$/);
  const domains = fc.option(fc.uniqueArray(domain, { minLength: 1, maxLength: 40 }), { nil: undefined });
  const wish = fc.record(
    {
      max_uses: fc.integer({ min: 1, max: 20 }),
      user_location: fc.record(
        { type: fc.constant("approximate"), country: fc.constant("NL"), city: fc.constant("Delft") },
        { requiredKeys: ["type"] },
      ),
    },
    { requiredKeys: [] },
  );
  const choice = fc.constantFrom(undefined, { type: "tool", name: "web_search" }, { type: "any" });
  fc.assert(
    fc.property(
      fc.constantFrom(...backends),
      wish,
      domains,
      fc.boolean(),
      choice,
      ([backend, extensions], wish, sites, isBlocked, tool_choice) => {
        const list = isBlocked ? { blocked_domains: sites } : { allowed_domains: sites };
        const { body } = write({ tools: [{ ...search, ...wish, ...list }], tool_choice }, backend);
        expect(findViolation(body, extensions)).toBeUndefined();
        const text = JSON.stringify(body);
        for (const site of sites ?? []) expect(text).toContain(site);
      },
    ),
  );
});

describe("what a backend has no field for", () => {
  test("domains go into the prompt, and other settings into the log", () => {
    const tool = {
      ...search,
      max_uses: 8,
      blocked_domains: ["a.example"],
      user_location: { type: "approximate", country: "NL" },
    };
    const { body, notes } = write({ tools: [tool] }, { backend: "groq", model: "llama" });
    expect(notes).toEqual([
      "left out max_uses of the web search",
      "left out user_location of the web search",
    ]);
    expect(JSON.stringify(body.messages.at(-1))).toContain("Use nothing from these sites: a.example");
  });

  test("a forced search goes into the prompt where a tool cannot be named", () => {
    const plan = planFor(ask({ tools: [search], tool_choice: { type: "tool", name: "web_search" } }), {
      backend: "openrouter",
    });
    const { body } = writeRequest({
      ...plan,
      quirks: changeQuirks(plan.quirks, { toolChoice: { named: "auto" } }),
    });
    expect(body).toContain("Search the web now");
    expect(body).not.toContain("tool_choice");
  });
});

describe("OpenRouter's server tools", () => {
  test("follow the functions, and leave their tool choice alone", () => {
    const { body, notes } = write(
      { tools: [search, save], tool_choice: { type: "tool", name: "save" } },
      { backend: "openrouter" },
    );
    expect(body.tools?.map(({ type }) => type)).toEqual(["function", "openrouter:web_search"]);
    expect(body).toMatchObject({ tool_choice: { type: "function", function: { name: "save" } } });
    expect(notes).toEqual([]);
  });

  test("stay available when the history has calls of removed functions", () => {
    const messages = [
      { role: "user", content: "Hi" },
      { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "gone", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "ok" }] },
    ];
    const { body } = writeRequest(planFor(ask({ tools: [search], messages }), { backend: "openrouter" }));
    expect(JSON.parse(String(body))).toMatchObject({ tools: [{ type: "openrouter:web_search" }] });
    expect(body).not.toContain("tool_choice");
  });

  test("are not sent when a chosen search goes to a search model", () => {
    const { body } = write(
      { tools: [search, save], tool_choice: { type: "tool", name: "web_search" } },
      { backend: "openai", model: "gpt-5.4" },
    );
    expect(body).toMatchObject({ model: "gpt-5-search-api", web_search_options: {} });
    expect(body.tools).toBeUndefined();
  });
});
