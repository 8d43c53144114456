import { describe, expect, test } from "bun:test";
import { quirksNamed } from "../../../src/catalog/choose-quirks.ts";
import { createCatalog, type ModelFacts } from "../../../src/catalog/models.ts";
import { checkModels, groupTiers } from "../../../src/commands/doctor/check-models.ts";
import { nameSettings } from "../../../src/config/list-backends.ts";
import { ProxyError } from "../../../src/errors.ts";
import { testConfig } from "../../support/proxy.ts";

const baseUrl = "https://h.example/v1";

function check(
  models: readonly ModelFacts[],
  more: object = {},
  fault?: ProxyError,
  quirks = quirksNamed("generic"),
) {
  const catalog = createCatalog();
  catalog.replace(models, 0);
  const config = testConfig({ backend: { baseUrl }, models: { big: "m", middle: "m", small: "m" }, ...more });
  const backend = { modelsUrl: `${config.backend.baseUrl}/models`, settings: nameSettings("default") };
  return checkModels({ config, catalog, fault, quirks, backend });
}

const words = (findings: ReturnType<typeof check>) =>
  findings
    .map(({ state, text, advice }) => `${state}: ${text}${advice === undefined ? "" : `; ${advice}`}`)
    .join("\n");

describe("no list", () => {
  const failed = (status?: number) =>
    new ProxyError("upstream", "no list", status === undefined ? {} : { upstreamStatus: status });

  test("because the key is refused, is about the key", () => {
    expect(words(check([], {}, failed(401)))).toContain(
      `bad: ${baseUrl} refuses the key (401); check OPENAI_API_KEY`,
    );
  });

  test("because nothing answers, is about the address", () => {
    expect(
      words(check([], {}, new ProxyError("unreachable", "Cannot reach it; check OPENAI_BASE_URL"))),
    ).toContain("bad: Cannot reach it; check OPENAI_BASE_URL");
  });

  test("is the reason where it would have to choose the model", () => {
    const models = { big: "", middle: "", small: "" };
    const page = new ProxyError("upstream", "A web page answered; set OPENAI_BASE_URL");
    expect(words(check([], { models }, page))).toBe(
      `bad: no model is set, and the list at ${baseUrl} cannot be read: A web page answered; set OPENAI_BASE_URL`,
    );
    const gone = new ProxyError("upstream", "Cannot read the model list: the backend answered 404");
    expect(words(check([], { models }, gone))).toContain(" cannot be read: the backend answered 404; check");
    expect(words(check([], { models }))).toContain("lists none to choose from; set BIG_MODEL");
  });

  test("of an address without a version suggests one", () => {
    const found = check([], { backend: { baseUrl: "https://h.example" } }, failed(404));
    expect(words(found)).toContain("unknown: the list of models at https://h.example cannot be read");
    expect(words(found)).toContain("set OPENAI_BASE_URL to https://h.example/v1");
    expect(words(check([], {}, failed(404)))).not.toContain("set OPENAI_BASE_URL");
  });
});

test("VISION_MODEL has to be listed, and not as blind", () => {
  const media = { media: { visionModel: "eyes" } };
  const found = (...models: ModelFacts[]) => words(check([{ id: "m" }, ...models], media));
  expect(found()).toContain("bad: eyes (VISION_MODEL) is not among");
  expect(found({ id: "eyes", seesImages: false })).toContain("is listed as a model that cannot see");
  for (const seesImages of [true, undefined])
    expect(found({ id: "eyes", seesImages })).not.toContain("VISION_MODEL");
});

describe("a model", () => {
  test("is named once, with all variables that name it, and its window", () => {
    expect(words(check([{ id: "m", contextWindow: 200_000 }]))).toContain(
      "good: m (BIG_MODEL, MIDDLE_MODEL, SMALL_MODEL) has a window of 200,000 tokens",
    );
    expect(words(check([{ id: "m" }]))).toContain("unknown: m (BIG_MODEL");
  });

  test("whose window is too small for Claude Code is bad", () => {
    expect(words(check([{ id: "m", contextWindow: 8192 }]))).toContain("bad: m (BIG_MODEL");
  });

  test("that is not listed is compared with those that are", () => {
    const models = { big: "gpt-5-4", middle: "gpt-5.4", small: "gpt-5.4" };
    expect(words(check([{ id: "gpt-5.4" }], { models }))).toContain("did you mean gpt-5.4?");
    expect(words(check([{ id: "other" }]))).toContain("choose one of other");
    const many = Array.from({ length: 99 }, (_, index) => ({ id: `another-model-${index}` }));
    expect(words(check(many))).toContain("unknown: m (BIG_MODEL");
  });

  test("may have any name where a server has only one", () => {
    expect(
      words(check([{ id: "file.gguf", contextWindow: 32_768 }], {}, undefined, quirksNamed("llamacpp"))),
    ).toContain("good: m (BIG");
  });
});

test("models are grouped in the order of the tiers", () => {
  expect(groupTiers({ big: "a", middle: "b", small: "a" })).toEqual([
    ["a", "BIG_MODEL, SMALL_MODEL"],
    ["b", "MIDDLE_MODEL"],
  ]);
});
