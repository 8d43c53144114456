import { describe, expect, test } from "bun:test";
import { type CountTokensRequest, countTokensRequest } from "../../src/anthropic/wire.ts";
import { countTokens, estimateTokens } from "../../src/plan/tokens.ts";

const request = (content: unknown, rest: object = {}): CountTokensRequest =>
  countTokensRequest.parse({ model: "claude-opus-5", messages: [{ role: "user", content }], ...rest });

const count = (content: unknown, rest: object = {}): Promise<number> => countTokens(request(content, rest));

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

const pdf = (content: string) => ({
  type: "document",
  source: { type: "base64", media_type: "application/pdf", data: Buffer.from(content).toString("base64") },
});

const tool = {
  name: "get_weather",
  description: "Current weather of a city",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

describe("countTokens", () => {
  test("G104: system, tools and images count, and longer input counts more", async () => {
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

  test("every part of a tool counts, and each tool a little more", async () => {
    const none = await count("foo", { tools: [] });
    const one = await count("foo", { tools: [tool] });
    expect(await count("foo", { tools: [{ ...tool, description: undefined }] })).toBeLessThan(one);
    expect(await count("foo", { tools: [{ ...tool, input_schema: { type: "object" } }] })).toBeLessThan(one);
    expect(
      await count("foo", { tools: [tool, { ...tool, name: `${tool.name}_too` }] }),
    ).toBeGreaterThanOrEqual(none + 2 * (one - none) - 1);
    expect(await count("foo", { tools: [{ type: "bash_20250124", name: "bash" }] })).toBeGreaterThan(none);
  });

  test("calls and results count by their words", async () => {
    const call = (input: object) => ({ type: "tool_use", id: "toolu_1", name: "Read", input });
    const result = (content: unknown) => ({ type: "tool_result", tool_use_id: "toolu_1", content });
    expect(await count([call({ path: "/a/long/path/to/a/file.ts" })])).toBeGreaterThan(
      await count([call({})]),
    );
    expect(
      await count([result("twelve words of a file that somebody wanted to read some day")]),
    ).toBeGreaterThan((await count([result("")])) + 10);
    expect(await count([result([image(png(750, 750))])])).toBe((await count([result([])])) + 750);
  });

  const pictures: readonly [string, unknown, number][] = [
    ["200×200", image(png(200, 200)), 54],
    ["a large one shrinks first", image(png(3136, 1568)), 1600],
    ["a wide one shrinks first", image(png(15_680, 750)), 157],
    ["of unknown size", image("AAAA"), 1500],
    ["by URL", { type: "image", source: { type: "url", url: "https://example.com/a.png" } }, 1500],
  ];
  for (const [name, block, tokens] of pictures) {
    test(`picture: ${name}`, async () => {
      expect((await count([block])) - (await count([]))).toBe(tokens);
      expect(estimateTokens(request([block])) - estimateTokens(request([]))).toBe(tokens);
    });
  }

  test("a PDF counts by its pages, or by its size when they are hidden", async () => {
    const bare = await count([]);
    const pages =
      "<< /Type /Pages /Count 3 >> << /Type /Page >> << /Type/Page>> << /Type /Page /Parent 1 0 R >>";
    expect((await count([pdf(pages)])) - bare).toBeWithin(6000, 6010);
    expect((await count([pdf("x".repeat(150_000))])) - bare).toBeWithin(6000, 6010);
    expect(estimateTokens(request([pdf("x".repeat(150_000))]))).toBeWithin(6000, 6010);
  });

  test("what a server sealed is not text", async () => {
    const found = (encrypted: string) => ({
      type: "web_search_tool_result",
      tool_use_id: "srvtoolu_1",
      content: [
        { type: "web_search_result", title: "A", url: "https://a.example", encrypted_content: encrypted },
      ],
    });
    const thought = (signature: string) => ({ type: "thinking", thinking: "Hm", signature });
    const seal = "c2VhbGVk".repeat(500);
    expect(await count([found(seal)])).toBe(await count([found("")]));
    expect(await count([thought(seal)])).toBe(await count([thought("")]));
    expect(await count([{ type: "redacted_thinking", data: seal }])).toBe(await count([]));
  });

  test("special tokens in a prompt are ordinary text", async () => {
    expect(await count("Explain <|endoftext|> and <|im_end|>")).toBeGreaterThan(10);
  });

  test("the schema of a structured answer counts", async () => {
    const format = { type: "json_schema", schema: tool.input_schema };
    expect(await count("foo", { output_config: { format } })).toBeGreaterThan(await count("foo"));
  });
});

test("estimateTokens is within 35 % of countTokens for a whole request", async () => {
  const whole = request(
    [
      { type: "text", text: "Please read the file and tell me what is wrong with it.\n".repeat(20) },
      { type: "tool_result", tool_use_id: "toolu_1", content: await Bun.file(import.meta.path).text() },
      { type: "text", text: "请帮我检查一下这个函数为什么会返回错误的结果。" },
      image(png(800, 600)),
    ],
    {
      system: "You are a careful engineer. Prefer small changes.",
      tools: Array.from({ length: 15 }, () => tool),
    },
  );
  const ratio = estimateTokens(whole) / (await countTokens(whole));
  expect(ratio).toBeGreaterThan(0.65);
  expect(ratio).toBeLessThan(1.35);
});
