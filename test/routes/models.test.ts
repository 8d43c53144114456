import { describe, expect, test } from "bun:test";
import type Anthropic from "@anthropic-ai/sdk";
import { z } from "zod";
import type { ModelFacts } from "../../src/catalog/models.ts";
import { ProxyError } from "../../src/errors.ts";
import { createRouting } from "../../src/plan/create-routing.ts";
import { mapModel } from "../../src/plan/map-model.ts";
import { answerModel, answerModels, findModel, listModels } from "../../src/routes/models.ts";
import { testConfig } from "../support/proxy.ts";

const tiers = { big: "openai/gpt-5.4", middle: "openai/gpt-5.4-mini", small: "openai/gpt-5.4-nano" };

function knowing(...facts: ModelFacts[]) {
  return knowingTiers(tiers, ...facts);
}

function knowingTiers(models: typeof tiers, ...facts: ModelFacts[]) {
  const routing = createRouting(testConfig({ models }));
  routing.sites.default.catalog.replace(facts, 0);
  return routing;
}

const gpt: ModelFacts = {
  id: "openai/gpt-5.4",
  displayName: "OpenAI: GPT-5.4",
  created: 1_790_000_000,
  contextWindow: 400_000,
  maxOutput: 128_000,
};

const list = (query: string, ...facts: ModelFacts[]) =>
  listModels(new URLSearchParams(query), knowing(...facts));
const ids = (query: string, count: number) => {
  const facts = Array.from({ length: count }, (_, place) => ({ id: `m${place}` }));
  const page = list(query, ...facts);
  return { ids: page.data.map((model) => model.id), has_more: page.has_more };
};

const kindOf = (act: () => unknown): string => {
  try {
    act();
  } catch (thrown) {
    return thrown instanceof ProxyError ? thrown.kind : String(thrown);
  }
  return "none";
};

describe("listModels", () => {
  test("lists the three tiers when the backend has no list", () => {
    expect(list("limit=1000")).toEqual({
      data: [
        expect.objectContaining({ id: "claude-opus", display_name: "Opus → openai/gpt-5.4", line: "opus" }),
        expect.objectContaining({ id: "claude-sonnet", display_name: "Sonnet → openai/gpt-5.4-mini" }),
        expect.objectContaining({ id: "claude-haiku", display_name: "Haiku → openai/gpt-5.4-nano" }),
      ],
      has_more: false,
      first_id: "claude-opus",
      last_id: "claude-haiku",
    });
  });

  test("leaves out tiers that a picker shows by itself, with their models", () => {
    const facts = [gpt, { id: "openai/gpt-5.4-mini", contextWindow: 1_050_000 }, { id: "other" }];
    const without = (...tiers: ("big" | "middle" | "small")[]) =>
      listModels(new URLSearchParams(), knowing(...facts), { forPicker: true, without: tiers }).data.map(
        ({ id }) => id,
      );
    expect(without("big", "middle", "small")).toEqual(["claude/other"]);
    expect(without("big")).toEqual(["claude-sonnet", "claude-sonnet[1m]", "claude-haiku", "claude/other"]);
  });

  test("leaves out nothing for anybody but Claude Code's picker", async () => {
    const services = { ...knowing(gpt), refreshModels: () => {}, shownTiers: ["big", "middle"] as const };
    const idsFor = async (userAgent: string) => {
      const request = new Request("http://h/v1/models", { headers: { "user-agent": userAgent } });
      const answer = answerModels({ request, url: new URL(request.url) }, services);
      return z.object({ data: z.array(z.object({ id: z.string() })) }).parse(await answer.json()).data.length;
    };
    expect(await idsFor("claude-code/2.1.332")).toBe(1);
    for (const other of ["claude-cli/2.1.332 (external, cli)", "anthropic-sdk/1.0", ""])
      expect(await idsFor(other)).toBe(4);
  });

  test("tiers and models carry the backend's facts, in the SDK's shape", () => {
    const [opus, , , own]: readonly Anthropic.ModelInfo[] = list("", gpt).data;
    const facts = { created_at: "2026-09-21T14:13:20.000Z", max_input_tokens: 400_000, max_tokens: 128_000 };
    expect(opus).toMatchObject({ id: "claude-opus", ...facts });
    expect<unknown>(own).toEqual({
      id: "claude/openai/gpt-5.4",
      type: "model",
      display_name: "OpenAI: GPT-5.4",
      description: "400k",
      ...facts,
      lifecycle: "active",
      deprecated_at: null,
      retires_at: null,
      line: null,
      capabilities: null,
    });
  });

  test("an unknown value is null, and an unknown date the epoch", () => {
    expect(list("", { id: "local" }).data[3]).toMatchObject({
      display_name: "local",
      created_at: "1970-01-01T00:00:00.000Z",
      max_input_tokens: null,
      max_tokens: null,
    });
  });

  test("every id is shown in Claude Code's picker and accepted back as its model", () => {
    const { data } = list("limit=1000", gpt, { id: "anthropic/claude-opus-4.6" }, { id: "qwen3:latest" });
    for (const { id } of data) expect(id).toMatch(/^(claude|anthropic)/i);
    expect(data.map(({ id }) => mapModel(id, tiers))).toEqual([
      ...Object.values(tiers),
      "openai/gpt-5.4",
      "anthropic/claude-opus-4.6",
      "qwen3:latest",
    ]);
  });

  test("paging", () => {
    expect(ids("", 30).ids).toHaveLength(20);
    expect(ids("", 30).has_more).toBe(true);
    expect(ids("limit=1000", 30)).toMatchObject({ has_more: false });
    expect(ids("limit=2&after_id=claude-haiku", 3)).toEqual({
      ids: ["claude/m0", "claude/m1"],
      has_more: true,
    });
    expect(ids("limit=2&after_id=claude/m1", 3)).toEqual({ ids: ["claude/m2"], has_more: false });
    expect(ids("limit=2&before_id=claude/m2", 3)).toEqual({
      ids: ["claude/m0", "claude/m1"],
      has_more: true,
    });
    expect(ids("before_id=claude-sonnet", 3)).toEqual({ ids: ["claude-opus"], has_more: false });
    expect(list("after_id=claude-haiku")).toEqual({
      data: [],
      has_more: false,
      first_id: null,
      last_id: null,
    });
  });

  test("walking the pages forwards meets every model once", () => {
    const met: string[] = [];
    let query = "limit=7";
    for (let page = ids(query, 40); ; page = ids(query, 40)) {
      met.push(...page.ids);
      if (!page.has_more) break;
      query = `limit=7&after_id=${page.ids.at(-1)}`;
    }
    expect(met).toHaveLength(43);
    expect(new Set(met).size).toBe(43);
  });

  test("all models are active", () => {
    expect(list("lifecycle[]=active&lifecycle[]=deprecated", gpt).data).toHaveLength(4);
    expect(list("lifecycle[]=retired", gpt)).toMatchObject({ data: [], has_more: false, first_id: null });
  });

  for (const query of [
    "limit=0",
    "limit=1001",
    "limit=-1",
    "limit=x",
    "limit=",
    "limit=1.5",
    "after_id=nobody",
  ]) {
    test(`${query} is refused`, () => expect(kindOf(() => list(query))).toBe("invalid-request"));
  }
});

describe("models with a million tokens", () => {
  const wide: ModelFacts = { id: "gemini-3-pro", contextWindow: 1_048_576, maxOutput: 65_536 };

  test("a model with such a window is listed a second time with the mark", () => {
    const { data } = list("limit=1000", wide, gpt);
    expect(data.slice(3).map(({ id }) => id)).toEqual([
      "claude/gemini-3-pro",
      "claude/gemini-3-pro[1m]",
      "claude/openai/gpt-5.4",
    ]);
    expect(data[4]).toMatchObject({
      display_name: "gemini-3-pro (1M context)",
      max_input_tokens: 1_048_576,
      max_tokens: 65_536,
    });
  });

  test("a tier with such a model is marked too", () => {
    const known = knowingTiers({ ...tiers, big: "gemini-3-pro" }, wide);
    const { data } = listModels(new URLSearchParams("limit=3"), known);
    expect(data.map(({ id }) => id)).toEqual(["claude-opus", "claude-opus[1m]", "claude-sonnet"]);
    expect(mapModel("claude-opus[1m]", known.config.models)).toBe("gemini-3-pro");
  });

  test("the mark is accepted on every name, and the true window is reported", () => {
    const known = knowing(wide, gpt);
    for (const id of ["claude/gemini-3-pro[1m]", "gemini-3-pro[1m]"])
      expect(findModel(id, known)).toMatchObject({ id, max_input_tokens: 1_048_576 });
    for (const id of ["claude/openai/gpt-5.4[1m]", "openai/gpt-5.4[1m]", "claude-opus[1m]"])
      expect(findModel(id, known)).toMatchObject({ id, max_input_tokens: 400_000 });
  });

  test("pages can start and end at marked names", () => {
    const page = list("limit=1&after_id=claude/gemini-3-pro", wide, gpt);
    expect(page).toMatchObject({ first_id: "claude/gemini-3-pro[1m]", has_more: true });
    expect(list(`after_id=${page.last_id}`, wide, gpt)).toMatchObject({
      first_id: "claude/openai/gpt-5.4",
      has_more: false,
    });
  });
});

describe("findModel", () => {
  const find = (id: string) => findModel(id, knowing(gpt));

  test("finds by listed id, by the backend's name, or by a full Claude name", () => {
    expect(find("claude-haiku").display_name).toBe("Haiku → openai/gpt-5.4-nano");
    expect(find("claude/openai/gpt-5.4")).toMatchObject({ id: "claude/openai/gpt-5.4", max_tokens: 128_000 });
    expect(find("openai/gpt-5.4")).toMatchObject({ id: "openai/gpt-5.4", max_tokens: 128_000 });
    expect(find("claude-opus-5-5[1m]")).toMatchObject({
      id: "claude-opus-5-5[1m]",
      max_input_tokens: 400_000,
    });
  });

  test("does not find an unknown model", () => {
    for (const id of ["gpt-9", "claude/gpt-9", ""]) expect(kindOf(() => find(id))).toBe("not-found");
  });
});

describe("answerModel", () => {
  const answer = (path: string) => {
    const url = new URL(path, "http://127.0.0.1");
    let refreshed = 0;
    const services = {
      ...knowing(gpt),
      refreshModels: () => {
        refreshed += 1;
      },
    };
    const response = answerModel({ url }, services);
    expect(refreshed).toBe(1);
    return response.json();
  };

  for (const path of [
    "/v1/models/claude/openai/gpt-5.4",
    "/v1/models/claude%2Fopenai%2Fgpt-5.4?x=1",
    "/v1/v1/models/claude/openai/gpt-5.4/",
  ]) {
    test(path, async () => expect(await answer(path)).toMatchObject({ id: "claude/openai/gpt-5.4" }));
  }

  test("a malformed escape is not found", () => {
    expect(kindOf(() => answer("/v1/models/%E0%A4%A"))).toBe("not-found");
  });
});
