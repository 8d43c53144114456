import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { countText } from "../../../src/lib/tokenizer.ts";
import { createTokenCounter, type TokenCounter } from "../../../src/plan/size/tokens.ts";
import { learn, type PlanChanges, planFor } from "../../support/plans.ts";

/** A model whose vocabulary is ours, so that our count is the answer. */
const ours: PlanChanges = { backend: "openai", model: "gpt-5.4" };

const bodyOf = (content: unknown, rest: object = {}) => ({
  model: "claude-opus-5-5",
  max_tokens: 100,
  messages: [{ role: "user", content }],
  ...rest,
});

const count = (content: unknown, rest: object = {}, changes = ours): Promise<number> =>
  createTokenCounter().count(planFor(bodyOf(content, rest), changes));

const estimate = (content: unknown, rest: object = {}, changes = ours): number =>
  createTokenCounter().estimate(planFor(bodyOf(content, rest), changes)).tokens;

const png = (width: number, height: number): string => {
  const header = Buffer.alloc(24);
  header.write("\x89PNG\r\n\x1a\n", "latin1");
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  return Buffer.concat([header, Buffer.alloc(100_000)]).toString("base64");
};

const image = (data: string) => ({
  type: "image",
  source: { type: "base64", media_type: "image/png", data },
});

const tool = {
  name: "get_weather",
  description: "Current weather of a city",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

const usage = (prompt: number, cached = 0) => ({
  inputTokens: prompt - cached,
  cacheReadTokens: cached,
  cacheWriteTokens: 0,
  outputTokens: 1,
});

describe("count", () => {
  test("system, tools and images count, and longer input counts more", async () => {
    const bare = await count("What is the weather?");
    expect(bare).toBeGreaterThan(5);
    const ways = [
      await count("What is the weather in the north of the country?"),
      await count("What is the weather?", { system: "Answer in one word." }),
      await count("What is the weather?", { tools: [tool] }),
      await count([{ type: "text", text: "What is the weather?" }, image(png(100, 100))]),
    ];
    for (const more of ways) expect(more).toBeGreaterThan(bare);
  });

  test("every part of a tool counts, and each tool adds a little", async () => {
    const none = await count("foo", { tools: [] });
    const one = await count("foo", { tools: [tool] });
    expect(await count("foo", { tools: [{ ...tool, description: undefined }] })).toBeLessThan(one);
    expect(await count("foo", { tools: [{ ...tool, input_schema: { type: "object" } }] })).toBeLessThan(one);
    const two = await count("foo", { tools: [tool, { ...tool, name: "get_climate" }] });
    expect(two).toBeGreaterThanOrEqual(none + 2 * (one - none) - 1);
    expect(await count("foo", { tools: [{ type: "bash_20250124", name: "bash" }] })).toBeGreaterThan(none);
  });

  test("calls and results count by their text", async () => {
    const call = (input: object) => ({ type: "tool_use", id: "toolu_1", name: "Read", input });
    const result = (content: unknown) => ({ type: "tool_result", tool_use_id: "toolu_1", content });
    expect(await count([call({ path: "/a/long/path/to/a/file.ts" })])).toBeGreaterThan(
      await count([call({})]),
    );
    const words = "twelve words of a file that somebody wanted to read some day";
    expect(await count([result(words)])).toBeGreaterThan((await count([result("")])) + 10);
    const picture = (await count([image(png(750, 750))])) - (await count([]));
    expect(await count([result([image(png(750, 750))])])).toBe((await count([result([])])) + picture);
  });

  test("special tokens in a prompt are ordinary text", async () => {
    expect(await count("Explain <|endoftext|> and <|im_end|>")).toBeGreaterThan(10);
  });

  test("the schema of a structured answer counts", async () => {
    const format = { type: "json_schema", schema: tool.input_schema };
    expect(await count("foo", { output_config: { format } })).toBeGreaterThan(await count("foo"));
  });

  test("each model counts with its own vocabulary", async () => {
    const words = "これは、モデルごとに数が違う文です。".repeat(30);
    const inModel = (model: string) => count(words, {}, { backend: "openai", model });
    expect(await inModel("gpt-4-turbo")).toBe((await countText(words, "cl100k")) + 9);
    expect(await inModel("gpt-4o")).toBe((await countText(words, "o200k")) + 9);
    expect(await inModel("anthropic/claude-opus-4.6")).toBeGreaterThan((await inModel("gpt-4o")) * 1.1);
  });
});

const texts = fc.string({ unit: "grapheme", maxLength: 200 });
const message = fc.record({
  role: fc.constantFrom("user", "assistant"),
  content: fc.array(fc.record({ type: fc.constant("text"), text: texts }), { minLength: 1, maxLength: 4 }),
});
const conversation = fc.array(message, { minLength: 1, maxLength: 6 });

describe("for any conversation", () => {
  test("two counted together cost the sum of their costs, with the fixed part once", async () => {
    await fc.assert(
      fc.asyncProperty(conversation, conversation, async (one, other) => {
        const counter = createTokenCounter();
        const of = (messages: unknown[]) => counter.count(planFor(bodyOf([], { messages }), ours));
        const apart = (await of(one)) + (await of(other));
        expect(Math.abs((await of([...one, ...other])) + 5 - apart)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 50 },
    );
  });

  test("a count does not depend on what was counted before", async () => {
    const warm = createTokenCounter();
    await fc.assert(
      fc.asyncProperty(conversation, conversation, async (one, other) => {
        for (const messages of [one, [...one, ...other], one]) {
          const plan = planFor(bodyOf([], { messages }), ours);
          expect(await warm.count(plan)).toBe(await createTokenCounter().count(plan));
        }
      }),
      { numRuns: 50 },
    );
  });

  test("the estimate's minimum is a true minimum", () => {
    fc.assert(
      fc.property(conversation, (messages) => {
        const { tokens, minTokens } = createTokenCounter().estimate(planFor(bodyOf([], { messages }), ours));
        expect(minTokens).toBeGreaterThan(0);
        expect(minTokens).toBeLessThanOrEqual(tokens);
      }),
    );
  });
});

test("the estimate for a whole request is within 35 % of the count", async () => {
  const content = [
    { type: "text", text: "Please read the file and tell me what is wrong with it.\n".repeat(20) },
    { type: "tool_result", tool_use_id: "toolu_1", content: await Bun.file(import.meta.path).text() },
    { type: "text", text: "请帮我检查一下这个函数为什么会返回错误的结果。" },
    image(png(800, 600)),
  ];
  const rest = {
    system: "You are a careful engineer. Prefer small changes.",
    tools: Array.from({ length: 15 }, (_, i) => ({ ...tool, name: `tool_${i}` })),
  };
  const ratio = estimate(content, rest) / (await count(content, rest));
  expect(ratio).toBeGreaterThan(0.65);
  expect(ratio).toBeLessThan(1.35);
});

describe("learn", () => {
  const words = "The quick brown fox jumps over the lazy dog, and the dog does not mind. ";
  const first = bodyOf(words.repeat(200));
  const second = {
    ...first,
    messages: [...first.messages, { role: "assistant", content: "Yes" }, ...first.messages],
  };
  const elsewhere = bodyOf(`Another question. ${words.repeat(300)}`);

  async function taught(times: number, cached = 0): Promise<TokenCounter> {
    const counter = createTokenCounter();
    const truth = Math.round((await counter.count(planFor(first, ours))) * times);
    await learn(counter, planFor(first, ours), usage(truth, cached));
    return counter;
  }

  test("the next turn and other conversations of the model are counted as the backend counts", async () => {
    const counter = await taught(1.3);
    for (const body of [second, elsewhere]) {
      const own = await createTokenCounter().count(planFor(body, ours));
      expect((await counter.count(planFor(body, ours))) / own).toBeWithin(1.2, 1.35);
    }
  });

  test("other models and other backends are not affected", async () => {
    const counter = await taught(1.3);
    const other = planFor(elsewhere, { ...ours, model: "gpt-5.3" });
    expect(await counter.count(other)).toBe(await createTokenCounter().count(other));
    const plan = planFor(elsewhere, ours);
    const moved = { ...plan, url: "http://127.0.0.1:9/other" };
    expect(await counter.count(moved)).toBe(await createTokenCounter().count(moved));
  });

  test("a report without the cached part is completed, and one with it is used as it is", async () => {
    const own = await createTokenCounter().count(planFor(first, ours));
    for (const reported of [usage(own, own - 50), { ...usage(own / 2), cacheReadTokens: own / 2 }]) {
      const counter = createTokenCounter();
      await learn(counter, planFor(first, ours), reported);
      expect(counter.estimate(planFor(first, ours)).tokens / own).toBeWithin(0.97, 1.03);
    }
  });

  test("one absurd report changes little, and a missing report nothing", async () => {
    const counter = await taught(1.1);
    const before = await counter.count(planFor(elsewhere, ours));
    await learn(counter, planFor(bodyOf(words.repeat(50)), ours), usage(1_000_000));
    await learn(counter, planFor(bodyOf(words.repeat(60)), ours), usage(0));
    expect((await counter.count(planFor(elsewhere, ours))) / before).toBeWithin(0.99, 1.01);
  });

  test("of many short prompts at once, some are learned from", async () => {
    let time = 0;
    const counter = createTokenCounter(() => time);
    const short = (opening: string) => planFor(bodyOf(`${opening}. ${words.repeat(10)}`), ours);
    const teach = async (tokens: number) => {
      for (let at = 0; at < 150; at += 1) await learn(counter, short(`${tokens} ${at}`), usage(tokens));
      return counter.estimate(short("Any other")).tokens;
    };
    expect(await teach(200)).toBeWithin(195, 206);
    expect(await teach(240)).toBeWithin(195, 206);
    time += 1000;
    expect(await teach(240)).toBeWithin(225, 246);
    await learn(counter, planFor(first, ours), usage(4321));
    expect(counter.estimate(planFor(first, ours)).tokens).toBe(4321);
  });

  test("images teach the cost of their conversation, and nothing about text", async () => {
    const counter = createTokenCounter();
    const body = bodyOf([image(png(900, 900)), { type: "text", text: words.repeat(100) }]);
    await learn(counter, planFor(body, ours), usage(9000));
    expect(counter.estimate(planFor(body, ours)).tokens).toBe(9000);
    expect(await counter.count(planFor(elsewhere, ours))).toBe(await count(elsewhere.messages[0]?.content));
  });

  test("counting stays within its allowance per second", async () => {
    let time = 0;
    const counter = createTokenCounter(() => time);
    const much = planFor(bodyOf("x y ".repeat(600_000)), ours);
    const guess = counter.estimate(much).tokens;
    // Two million four hundred thousand characters at once are too many.
    expect(await learn(counter, much, usage(Math.round(guess / 10)))).toBeUndefined();
    time += 60_000;
    const some = planFor(first, ours);
    await learn(counter, some, usage((await createTokenCounter().count(some)) * 1.2));
    expect(await counter.count(planFor(elsewhere, ours))).not.toBe(
      await count(elsewhere.messages[0]?.content),
    );
  });
});

describe("a prompt that the backend cut", () => {
  const long = bodyOf("A sentence of a rather long document, number after number. ".repeat(2500));
  const warn = async (reported: number, body: object = long, counter = createTokenCounter()) =>
    learn(counter, planFor(body, { backend: "ollama", model: "qwen3" }), usage(reported));

  test("is reported with advice when far too few tokens come back", async () => {
    expect(await warn(4096)).toMatch(/cut prompts for qwen3 .*counted 4096 of about \d{5} tokens.*num_ctx/);
    expect(await warn(3000)).toBeDefined();
    expect(await warn(16_384)).toMatch(/16384/);
  });

  test("is reported once a model", async () => {
    const counter = createTokenCounter();
    expect(await warn(4096, long, counter)).toBeDefined();
    expect(await warn(4096, long, counter)).toBeUndefined();
  });

  test("teaches nothing: the estimate stays at the prompt's size", async () => {
    const counter = createTokenCounter();
    const plan = planFor(long, { backend: "ollama", model: "qwen3" });
    for (let turn = 0; turn < 5; turn += 1) await learn(counter, plan, usage(4096));
    expect(counter.estimate(plan).tokens).toBeGreaterThan(20_000);
  });

  test("is not suspected in ordinary reports, tiny prompts and prompts with images", async () => {
    const own = await createTokenCounter().count(planFor(long, { backend: "ollama", model: "qwen3" }));
    for (const share of [0.7, 0.85, 1, 1.3]) expect(await warn(Math.round(own * share))).toBeUndefined();
    expect(await warn(20, bodyOf("Some hundred words. ".repeat(60)))).toBeUndefined();
    const pictures = Array.from({ length: 10 }, () => image(png(1500, 1500)));
    expect(await warn(2000, bodyOf(pictures))).toBeUndefined();
  });

  test("is not suspected where only the new part was counted", async () => {
    const counter = createTokenCounter();
    const own = await createTokenCounter().count(planFor(long, { backend: "ollama", model: "qwen3" }));
    await warn(own, long, counter);
    const longer = {
      ...long,
      messages: [...long.messages, { role: "user", content: "And now? ".repeat(50) }],
    };
    expect(await warn(160, longer, counter)).toBeUndefined();
    expect(counter.estimate(planFor(longer, { backend: "ollama", model: "qwen3" })).tokens).toBeWithin(
      own,
      own * 1.05,
    );
  });
});
