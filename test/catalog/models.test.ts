import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createCatalog, type ModelFacts, readModelList } from "../../src/catalog/models.ts";

/** The facts of the only model in a list, without what is unknown. */
function readOne(entry: unknown): Partial<ModelFacts> {
  const [facts] = readModelList({ data: [entry] });
  return JSON.parse(JSON.stringify(facts ?? {}));
}

describe("reading a model list", () => {
  test("takes the best host's window, and the largest as the hard one, from OpenRouter's entry", () => {
    const entry = {
      id: "openai/gpt-5.4",
      name: "OpenAI: GPT-5.4",
      created: 1_790_000_000,
      context_length: 400_000,
      top_provider: { context_length: 272_000, max_completion_tokens: 128_000 },
      supported_parameters: ["tools", "reasoning", 7],
    };
    expect(readOne(entry)).toEqual({
      id: "openai/gpt-5.4",
      displayName: "OpenAI: GPT-5.4",
      created: 1_790_000_000,
      contextWindow: 272_000,
      hardWindow: 400_000,
      maxOutput: 128_000,
      supportedParameters: ["tools", "reasoning"],
    });
  });

  const windows: readonly [string, object, number][] = [
    ["context_window", { context_window: 131_072 }, 131_072],
    ["max_model_len", { max_model_len: 32_768 }, 32_768],
    ["max_context_length", { max_context_length: 128_000 }, 128_000],
    [
      "the loaded length before the possible one",
      { max_context_length: 131_072, loaded_context_length: 4096 },
      4096,
    ],
    ["meta.n_ctx before n_ctx_train", { meta: { n_ctx: 8192, n_ctx_train: 131_072 } }, 8192],
    ["inputTokenLimit", { inputTokenLimit: 1_048_576 }, 1_048_576],
    ["a window given only by the host", { top_provider: { context_length: 9000 } }, 9000],
    ["the next field when the first is zero", { context_length: 0, max_model_len: 4096 }, 4096],
  ];
  for (const [name, fields, contextWindow] of windows) {
    test(`window: ${name}`, () =>
      expect(readOne({ id: "m", ...fields })).toEqual({ id: "m", contextWindow, hardWindow: contextWindow }));
  }

  test("the training length is not a limit, as a server may be started with more", () => {
    const trained = { id: "m", meta: { n_ctx_train: 131_072 } };
    expect(readOne(trained)).toEqual({ id: "m", contextWindow: 131_072 });
  });

  const outputs: readonly [string, object, number][] = [
    ["max_completion_tokens", { max_completion_tokens: 32_768 }, 32_768],
    ["max_output_tokens", { max_output_tokens: 8192 }, 8192],
    ["max_output_length", { max_output_length: 65_536 }, 65_536],
    ["outputTokenLimit", { outputTokenLimit: 65_536 }, 65_536],
  ];
  for (const [name, fields, maxOutput] of outputs) {
    test(`output: ${name}`, () => expect(readOne({ id: "m", ...fields })).toEqual({ id: "m", maxOutput }));
  }

  test("takes the model once that llama.cpp lists twice", () => {
    const capture = {
      models: [{ name: "tiny", model: "tiny" }],
      object: "list",
      data: [
        {
          id: "tiny",
          object: "model",
          created: 1_795_371_564,
          meta: { n_ctx: 32_768, n_ctx_train: 131_072 },
        },
      ],
    };
    expect(readModelList(capture)).toEqual([
      expect.objectContaining({ id: "tiny", created: 1_795_371_564, contextWindow: 32_768 }),
    ]);
  });

  test("wrong numbers count as unknown", () => {
    for (const wrong of [-1, 0, Number.NaN, Number.POSITIVE_INFINITY, "8192", null, {}]) {
      expect(
        readOne({ id: "m", context_length: wrong, max_completion_tokens: wrong, created: wrong }),
      ).toEqual({
        id: "m",
      });
    }
    expect(readOne({ id: "m", created: 1e300 })).toEqual({ id: "m" });
  });

  test("Gemini's prefix is removed", () => {
    expect(readOne({ id: "models/gemini-3-pro" })).toEqual({ id: "gemini-3-pro" });
    expect(readModelList({ models: [{ name: "models/gemini-3-pro", displayName: "Gemini 3 Pro" }] })).toEqual(
      [expect.objectContaining({ id: "gemini-3-pro", displayName: "Gemini 3 Pro" })],
    );
  });

  test("takes a bare list, without nameless entries and repetitions", () => {
    const list = [
      { id: "a" },
      { id: "" },
      { id: "models/" },
      { object: "model" },
      null,
      "b",
      { id: "a", context_length: 9 },
    ];
    expect(readModelList(list).map((facts) => facts.id)).toEqual(["a"]);
  });

  test("reading never throws, and all numbers are positive and whole", () => {
    const number = fc.oneof(fc.double(), fc.integer(), fc.string());
    const entry = fc.record({
      id: fc.string(),
      context_length: number,
      meta: fc.anything(),
      top_provider: fc.anything(),
    });
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.record({ data: fc.array(fc.oneof(entry, fc.anything())) })),
        (body) => {
          for (const { id, contextWindow = 1, maxOutput = 1 } of readModelList(body)) {
            expect(id).not.toBe("");
            expect(Number.isSafeInteger(contextWindow) || contextWindow > 2 ** 53).toBe(true);
            expect(contextWindow).toBeGreaterThanOrEqual(1);
            expect(maxOutput).toBeGreaterThanOrEqual(1);
          }
        },
      ),
    );
  });
});

describe("the catalog", () => {
  const catalogOf = (...ids: string[]) => {
    const catalog = createCatalog();
    catalog.replace(
      ids.map((id) => ({ id })),
      0,
    );
    return catalog;
  };

  const lookups: readonly [asked: string, listed: string[], found: string | undefined][] = [
    ["gpt-5.4", ["gpt-5.4", "openai/gpt-5.4"], "gpt-5.4"],
    ["gpt-5.4", ["openai/gpt-5.4", "openai/gpt-5.4-mini"], "openai/gpt-5.4"],
    ["openai/gpt-5.4", ["gpt-5.4"], "gpt-5.4"],
    ["gpt-5.4", ["openai/gpt-5.4", "azure/gpt-5.4"], undefined],
    ["azure/gpt-5.4", ["openai/gpt-5.4"], undefined],
    ["qwen3", ["qwen3:latest", "qwen3:8b"], "qwen3:latest"],
    ["qwen3:latest", ["qwen3"], "qwen3"],
    ["qwen3", ["qwen3:latest", "library/qwen3:latest"], "qwen3:latest"],
    ["qwen3:8b", ["qwen3:latest"], undefined],
    ["5.4", ["gpt-5.4"], undefined],
    ["gpt-5", ["gpt-5.4"], undefined],
  ];
  for (const [asked, listed, found] of lookups) {
    test(`${asked} among ${listed.join(", ")} is ${found ?? "unknown"}`, () => {
      expect(catalogOf(...listed).facts(asked)?.id).toBe(found);
    });
  }

  test("is empty and infinitely old at first, then as old as its last list", () => {
    const catalog = createCatalog();
    expect(catalog.all()).toEqual([]);
    expect(catalog.ageMs(5)).toBe(Number.POSITIVE_INFINITY);
    catalog.replace([{ id: "a" }], 1000);
    catalog.replace([{ id: "b" }], 2000);
    expect(catalog.all().map((facts) => facts.id)).toEqual(["b"]);
    expect(catalog.ageMs(2500)).toBe(500);
  });
});

test("a model sees images if its list says so", () => {
  const read = (row: object) => readModelList({ data: [{ id: "m", ...row }] })[0]?.seesImages;
  expect(read({ architecture: { input_modalities: ["text", "image"] } })).toBe(true);
  expect(read({ architecture: { input_modalities: ["text"] } })).toBe(false);
  expect(read({ capabilities: { vision: true } })).toBe(true);
  expect(read({ capabilities: { vision: false } })).toBe(false);
  for (const row of [{}, { architecture: {} }, { capabilities: ["vision"] }, { capabilities: { vision: 1 } }])
    expect(read(row)).toBeUndefined();
});

test("prices are dollars for a million tokens", () => {
  const read = (pricing: unknown) => readModelList({ data: [{ id: "m", pricing }] })[0]?.price;
  expect(read({ prompt: "0.00000125", completion: "0.00001" })).toEqual({ input: 1.25, output: 10 });
  for (const pricing of [undefined, {}, { prompt: "-1", completion: "-1" }, { prompt: "", completion: "x" }])
    expect(read(pricing)).toBeUndefined();
});
