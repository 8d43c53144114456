/**
 * Anthropic's own SDK, the newest version and the last of the old line, holds conversations through the real server.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import NewestSdk from "@anthropic-ai/sdk";
import OlderSdk from "anthropic-sdk-0";
import {
  chunks,
  type FakeReply,
  hang,
  inOrder,
  reasoning,
  status,
  text,
  toolCalls,
  type UpstreamRequest,
} from "../support/fake-upstream.ts";
import { startProxy, type TestProxy } from "../support/proxy.ts";

const weather = {
  name: "get_weather",
  description: "Tells the weather",
  input_schema: {
    type: "object" as const,
    properties: { city: { type: "string" }, unit: { type: "string" } },
    required: ["city"],
  },
};
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

type Scenario = {
  readonly name: string;
  readonly reply: FakeReply;
  readonly ask?: Partial<NewestSdk.MessageCreateParamsNonStreaming>;
  /** The content of the answer, as far as it is predictable. */
  readonly content: object[];
  readonly stopReason: string;
};

const delta = (tool_calls: object[]) => ({
  choices: [{ index: 0, delta: { tool_calls }, finish_reason: null }],
});
const finish = (finish_reason: string) => ({ choices: [{ index: 0, delta: {}, finish_reason }] });
const usage = {
  choices: [],
  usage: {
    prompt_tokens: 20,
    completion_tokens: 9,
    total_tokens: 29,
    prompt_tokens_details: { cached_tokens: 15 },
  },
};

const scenarios: Scenario[] = [
  {
    name: "text",
    reply: text("Hello, how are you?"),
    content: [{ type: "text", text: "Hello, how are you?" }],
    stopReason: "end_turn",
  },
  {
    name: "letters of every size",
    reply: text('é漢😀 "quoted"\n\\back'),
    content: [{ type: "text", text: 'é漢😀 "quoted"\n\\back' }],
    stopReason: "end_turn",
  },
  {
    name: "reasoning and text",
    reply: inOrder(reasoning("The user greets me."), text("Hi!")),
    content: [
      { type: "thinking", thinking: "The user greets me." },
      { type: "text", text: "Hi!" },
    ],
    stopReason: "end_turn",
  },
  {
    name: "text and a tool call",
    reply: inOrder(text("Let me look."), toolCalls([{ name: "get_weather", arguments: { city: "Paris" } }])),
    ask: { tools: [weather] },
    content: [
      { type: "text", text: "Let me look." },
      { type: "tool_use", name: "get_weather", input: { city: "Paris" } },
    ],
    stopReason: "tool_use",
  },
  {
    name: "parallel tool calls, interleaved",
    reply: chunks([
      delta([
        {
          index: 0,
          id: "call_paris_1",
          type: "function",
          function: { name: "get_weather", arguments: '{"ci' },
        },
      ]),
      delta([
        {
          index: 1,
          id: "call_lyon_2",
          type: "function",
          function: { name: "get_weather", arguments: '{"city":"L' },
        },
      ]),
      delta([
        { index: 0, function: { arguments: 'ty":"Paris"}' } },
        { index: 1, function: { arguments: 'yon"}' } },
      ]),
      finish("tool_calls"),
      usage,
    ]),
    ask: { tools: [weather] },
    content: [
      { type: "tool_use", id: "call_paris_1", input: { city: "Paris" } },
      { type: "tool_use", id: "call_lyon_2", input: { city: "Lyon" } },
    ],
    stopReason: "tool_use",
  },
  {
    name: "a tool call with null for an optional argument",
    reply: toolCalls([{ name: "get_weather", arguments: '{"city":"Paris","unit":null}' }]),
    ask: { tools: [weather] },
    content: [{ type: "tool_use", input: { city: "Paris" } }],
    stopReason: "tool_use",
  },
  {
    name: "an answer cut off by max_tokens",
    reply: text("On and on", { finish: "length" }),
    content: [{ type: "text", text: "On and on" }],
    stopReason: "max_tokens",
  },
  {
    name: "a refusal",
    reply: text("No.", { finish: "content_filter" }),
    content: [{ type: "text", text: "No." }],
    stopReason: "refusal",
  },
  { name: "an empty answer", reply: text(""), content: [], stopReason: "end_turn" },
  {
    name: "an image in the question",
    reply: text("A pixel."),
    ask: {
      messages: [
        {
          role: "user",
          content: [
            { type: "image", source: { type: "base64", media_type: "image/png", data: pixel } },
            { type: "text", text: "What is this?" },
          ],
        },
      ],
    },
    content: [{ type: "text", text: "A pixel." }],
    stopReason: "end_turn",
  },
  {
    name: "the second turn of a tool loop",
    reply: text("It is sunny."),
    ask: {
      tools: [weather],
      messages: [
        { role: "user", content: "Weather?" },
        {
          role: "assistant",
          content: [
            { type: "text", text: "Looking." },
            { type: "tool_use", id: "toolu_1", name: "get_weather", input: { city: "Paris" } },
          ],
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "toolu_1", content: "Sunny" },
            { type: "text", text: "So?" },
          ],
        },
      ],
    },
    content: [{ type: "text", text: "It is sunny." }],
    stopReason: "end_turn",
  },
];

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await startProxy(text("unused"));
});
afterAll(() => proxy.close());

/** What the two lines of the SDK have in common. */
type Client = {
  readonly messages: {
    create(params: NewestSdk.MessageCreateParamsNonStreaming): PromiseLike<Answer>;
    stream(params: NewestSdk.MessageCreateParamsNonStreaming): {
      finalMessage(): Promise<Answer>;
      on(event: "text", listener: () => void): unknown;
      abort(): void;
    };
  };
};
type Answer = {
  readonly content: readonly object[];
  readonly usage: object;
};

const clients: Record<string, () => Client> = {
  "SDK 1": () => new NewestSdk({ baseURL: proxy.url, apiKey: "any", maxRetries: 0 }),
  "SDK 0": () => new OlderSdk({ baseURL: proxy.url, apiKey: "any", maxRetries: 0 }),
};

for (const [version, connect] of Object.entries(clients)) {
  describe(version, () => {
    for (const scenario of scenarios) {
      test(`${scenario.name}: the stream's final message equals the plain answer`, async () => {
        proxy.upstream.follow(scenario.reply);
        const params = {
          model: "claude-opus-5-5",
          max_tokens: 100,
          messages: [{ role: "user" as const, content: "Hello" }],
          ...scenario.ask,
        };
        const { messages } = connect();
        const plain = await messages.create(params);
        const streamed = await messages.stream(params).finalMessage();
        expect(withoutIds(streamed)).toEqual(withoutIds(plain));
        expect(plain).toMatchObject({
          type: "message",
          role: "assistant",
          model: "claude-opus-5-5",
          stop_reason: scenario.stopReason,
        });
        expect(plain.content).toMatchObject(scenario.content);
        expect(plain.content).toHaveLength(scenario.content.length);
        for (const block of plain.content) if ("signature" in block) expect(block.signature).not.toBe("");
      });
    }

    test("usage separates cached tokens", async () => {
      proxy.upstream.follow(scenarios[4]?.reply ?? text(""));
      const { usage } = await connect().messages.create({
        model: "m",
        max_tokens: 9,
        tools: [weather],
        messages: [{ role: "user", content: "x" }],
      });
      expect(usage).toMatchObject({
        input_tokens: 5,
        cache_read_input_tokens: 15,
        cache_creation_input_tokens: 0,
        output_tokens: 9,
      });
    });

    test("the backend gets the system prompt, images, calls and results", async () => {
      proxy.upstream.follow(text("ok"));
      const turn = scenarios.find(({ name }) => name.startsWith("the second turn"));
      await connect().messages.create({
        model: "claude-sonnet-5-5",
        max_tokens: 50,
        system: "Be kind",
        messages: [{ role: "user", content: "x" }],
        ...turn?.ask,
      });
      expect(proxy.upstream.lastChat().body).toMatchObject({
        model: "middle-model",
        max_tokens: 50,
        stream: false,
        messages: [
          { role: "system", content: "Be kind" },
          { role: "user", content: "Weather?" },
          {
            role: "assistant",
            content: "Looking.",
            tool_calls: [{ id: "toolu_1", function: { name: "get_weather", arguments: '{"city":"Paris"}' } }],
          },
          { role: "tool", tool_call_id: "toolu_1", content: "Sunny" },
          { role: "user", content: "So?" },
        ],
      });
    });

    test("errors have the SDK's class and the backend's message", async () => {
      const limit = {
        error: { message: "Slow down, please", type: "requests", param: null, code: "rate_limit_exceeded" },
      };
      proxy.upstream.follow(status(429, limit, { "retry-after": "9" }));
      const params = { model: "m", max_tokens: 9, messages: [{ role: "user" as const, content: "x" }] };
      for (const asked of [
        () => connect().messages.create(params),
        () => connect().messages.stream(params).finalMessage(),
      ]) {
        const error: unknown = await Promise.resolve(asked()).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error).toMatchObject({ status: 429, error: { error: { type: "rate_limit_error" } } });
        expect(String(error)).toContain("Slow down, please");
      }
    });

    test("leaving a stream cancels the backend's request", async () => {
      const asked = Promise.withResolvers<UpstreamRequest>();
      proxy.upstream.follow((request) => {
        asked.resolve(request);
        return hang("after-first-chunk");
      });
      const stream = connect().messages.stream({
        model: "m",
        max_tokens: 9,
        messages: [{ role: "user", content: "x" }],
      });
      stream.on("text", () => stream.abort());
      await stream.finalMessage().catch(() => {});
      expect((await (await asked.promise).ended).kind).toBe("aborted");
    });
  });
}

/** Ids are new for each answer, unless the backend's own could be kept; the SDK adds fields of its own. */
function withoutIds(message: Answer): unknown {
  const content = message.content.map((block) =>
    "id" in block && String(block.id).startsWith("toolu_") ? { ...block, id: "" } : block,
  );
  return JSON.parse(JSON.stringify({ ...message, id: "", content }), (key, value) =>
    key === "parsed_output" ? undefined : value,
  );
}
