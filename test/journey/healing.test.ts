/** What the proxy corrects before a client would notice: refused fields, and answers too long for the window. */
import { afterEach, describe, expect, test } from "bun:test";
import { z } from "zod";
import {
  encodeChunk,
  type FakeReply,
  json,
  raw,
  status,
  text,
  toolCalls,
  type UpstreamRequest,
} from "../support/fake-upstream.ts";
import { ask, readError, startProxy, type TestProxy } from "../support/proxy.ts";

let proxy: TestProxy;
afterEach(() => proxy.close());

const chats = () => proxy.upstream.requests.filter(({ method }) => method === "POST");
const bodies = () => chats().map(({ body }) => body);
const learned = () => proxy.log.filter((line) => line.includes("Learned"));
const refuse = (message: string, param: string | null = null) =>
  status(400, { error: { message, type: "invalid_request_error", param, code: null } });

const say = (changes: Record<string, unknown> = {}) => proxy.say(changes);

/** A backend that accepts none of the given fields. */
const without =
  (...names: string[]) =>
  ({ body }: UpstreamRequest): FakeReply => {
    const name = names.find((name) => typeof body === "object" && body !== null && name in body);
    return name === undefined ? text("Hello") : refuse(`Model x does not support parameter ${name}.`);
  };

test("a backend that has only streams is asked for one", async () => {
  const isWhole = ({ body }: UpstreamRequest) => JSON.stringify(body).includes('"stream":false');
  proxy = await startProxy((request) =>
    isWhole(request) ? refuse("This model only supports stream mode") : text("Hello"),
  );
  expect(await say()).toBe("Hello");
  expect(await say()).toBe("Hello");
  expect(chats().map(isWhole)).toEqual([true, false, false]);
});

describe("a refused field", () => {
  for (const stream of [false, true]) {
    test(`is removed, and the lesson is remembered (${stream ? "stream" : "json"})`, async () => {
      proxy = await startProxy(without("temperature", "stop"));
      const asked = { stream, temperature: 0.5, stop_sequences: ["END"] };
      expect(await say(asked)).toBe("Hello");
      expect(chats()).toHaveLength(3);
      expect(bodies()[2]).not.toHaveProperty("temperature");
      expect(bodies()[2]).not.toHaveProperty("stop");
      expect(await say(asked)).toBe("Hello");
      expect(chats()).toHaveLength(4);
      await proxy.heard("Learned");
      expect(learned()).toHaveLength(2);
    });
  }

  test("that is a stop sequence is applied here instead", async () => {
    const refusing = without("stop");
    proxy = await startProxy((request) => {
      const reply = refusing(request);
      return reply.kind === "completion" ? text("Hello END and so on") : reply;
    });
    expect(await say({ stop_sequences: ["END"] })).toBe("Hello ");
    expect(await say({ stop_sequences: ["END"], stream: true })).toBe("Hello ");
    expect(bodies().filter((body) => JSON.stringify(body).includes('"stop":'))).toHaveLength(1);
  });

  test("is remembered for this model only", async () => {
    proxy = await startProxy(without("temperature"));
    await say({ temperature: 0.5 });
    await say({ temperature: 0.5, model: "claude-haiku-5-5" });
    expect(chats()).toHaveLength(4);
  });

  test("inside messages is removed too: reasoning of earlier turns, at a strict backend", async () => {
    proxy = await startProxy(text("Hello"));
    const messages = [
      { role: "user", content: "Hi" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Greet", signature: "x" },
          { type: "text", text: "Hello" },
        ],
      },
      { role: "user", content: "And?" },
    ];
    expect(await say({ messages })).toBe("Hello");
    expect(chats().map(({ refused }) => refused !== undefined)).toEqual([true, false]);
    expect((await proxy.heard("Learned"))[0]).toContain("left out messages[].reasoning_content");
  });

  test("is not remembered when the correction did not help", async () => {
    proxy = await startProxy(refuse("Model x does not support parameter temperature."));
    expect((await proxy.post(ask({ temperature: 0.5 }))).status).toBe(400);
    expect(chats()).toHaveLength(2);
    await proxy.post(ask({ temperature: 0.5 }));
    expect(bodies()[2]).toHaveProperty("temperature");
    expect(learned()).toEqual([]);
  });

  test("is sent under the name that the error suggests", async () => {
    proxy = await startProxy(({ body }) =>
      typeof body === "object" && body !== null && "max_tokens" in body
        ? refuse("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", "max_tokens")
        : text("Hello"),
    );
    expect(await say()).toBe("Hello");
    expect(bodies()[1]).toMatchObject({ max_completion_tokens: 100 });
  });

  test("is removed too when the refusal comes in a 200 or as the first event", async () => {
    const error = { error: { message: "Unknown parameter: 'temperature'", code: 400 } };
    proxy = await startProxy([json(error), text("Hello"), raw(encodeChunk(error)), text("Again")]);
    expect(await say({ temperature: 0.5 })).toBe("Hello");
    expect(await say({ temperature: 0.5, model: "claude-haiku-5-5", stream: true })).toBe("Again");
  });

  test("a refused schema goes into the prompt instead", async () => {
    proxy = await startProxy([
      refuse("This response_format type is unavailable now"),
      refuse("response_format is not supported by this model"),
      text("{}"),
      text("{}"),
    ]);
    const format = {
      type: "json_schema",
      schema: { type: "object", properties: { city: { type: "string" } } },
    };
    const asked = { output_config: { format } };
    expect(await say(asked)).toBe("{}");
    await say(asked);
    const [first, second, third, fourth] = bodies();
    expect(JSON.stringify(first)).not.toContain("Answer with a JSON object");
    expect(second).toMatchObject({ response_format: { type: "json_object" } });
    expect(third).not.toHaveProperty("response_format");
    for (const body of [second, third, fourth]) expect(JSON.stringify(body)).toContain("city");
    expect(fourth).toEqual(third);
  });

  test("reasoning that is refused with tools is left out of requests with tools only", async () => {
    const refusal = refuse(
      "Function tools with reasoning_effort are not supported for this model in /v1/chat/completions.",
    );
    proxy = await startProxy([refusal, refusal, toolCalls([{ name: "look", arguments: {} }]), text("Hello")]);
    const tools = [{ name: "look", input_schema: { type: "object", properties: {} } }];
    expect(await say({ tools })).toBe("tool_use");
    // In between, the other protocol was tried.
    expect(bodies()[3]).toMatchObject({ reasoning_effort: "none" });
    await say();
    expect(bodies()[4]).not.toHaveProperty("reasoning_effort");
  });
});

describe("a refused tool choice", () => {
  const tools = ["Read", "Write"].map((name) => ({ name, input_schema: { type: "object" } }));
  const offered = z.object({
    tools: z.array(z.object({ function: z.object({ name: z.string() }) })).optional(),
    tool_choice: z.unknown().optional(),
    messages: z.array(z.object({ content: z.string() })),
  });
  const last = () => offered.parse(bodies().at(-1));
  const names = () => last().tools?.map((tool) => tool.function.name);
  const refusing = (choice: "object" | "required" | "none", message: string) =>
    startProxy(({ body }) => {
      const { tool_choice } = offered.parse(body);
      const isMeant = choice === "object" ? typeof tool_choice === choice : tool_choice === choice;
      return isMeant ? refuse(message, "tool_choice") : text("Hello");
    });

  test("for a named tool offers only that tool and requires a call", async () => {
    proxy = await refusing(
      "object",
      "Invalid tool_choice type: 'object'. Supported string values: none, auto, required",
    );
    await say({ tools, tool_choice: { type: "tool", name: "Write" } });
    expect(names()).toEqual(["Write"]);
    expect(last().tool_choice).toBe("required");
    await say({ tools, tool_choice: { type: "any" } });
    expect(names()).toEqual(["Read", "Write"]);
    expect(last().tool_choice).toBe("required");
  });

  test("for a named tool goes into the prompt where no call can be forced", async () => {
    proxy = await refusing("object", "tool_choice: only 'auto' is supported");
    await say({ tools, tool_choice: { type: "tool", name: "Write" } });
    expect(last()).toMatchObject({ tool_choice: "auto" });
    expect(last().messages.at(-1)?.content).toContain("Call the tool Write now");
    expect(names()).toEqual(["Read", "Write"]);
  });

  test("for any tool goes into the prompt, but only when it was asked for", async () => {
    proxy = await refusing("required", "tool_choice 'required' is not supported");
    for (let times = 0; times < 2; times++) {
      await say({ tools, tool_choice: { type: "any" } });
      expect(last().messages.at(-1)?.content).toContain("Call one of the tools now");
    }
    await say({ tools });
    expect(last().messages.at(-1)?.content).toBe("Hello");
    expect(chats()).toHaveLength(4);
  });

  test("for no tool removes the tools, and leaves other choices alone", async () => {
    proxy = await refusing("none", "tool_choice 'none' is not supported");
    await say({ tools, tool_choice: { type: "none" } });
    expect(names()).toBeUndefined();
    await say({ tools, tool_choice: { type: "any" } });
    expect(last().tool_choice).toBe("required");
  });
});

describe("a prompt that vLLM counts only up to the window", () => {
  const window = 131_072;
  const asked = z.object({ max_tokens: z.number() });
  const counting = (prompt: number) =>
    startProxy(({ body }) => {
      const { max_tokens } = asked.parse(body);
      if (prompt + max_tokens <= window) return text("Hello");
      return refuse(
        `This model's maximum context length is ${window} tokens. However, you requested ${max_tokens} output tokens and your prompt contains at least ${window - max_tokens + 1} input tokens, for a total of at least ${window + 1} tokens. Please reduce the length of the input prompt or the number of requested output tokens.`,
      );
    });

  test("gets a shorter answer where our estimate was much too low", async () => {
    proxy = await counting(100_000);
    expect(await say({ max_tokens: 128_000 })).toBe("Hello");
    expect(chats().length).toBeLessThan(5);
  });

  test("is too long where no answer fits, so that the client compacts", async () => {
    proxy = await counting(130_000);
    const response = await proxy.post(ask({ max_tokens: 128_000 }));
    expect((await readError(response)).error.message).toMatch(/^prompt is too long: \d+ tokens > 131072 max/);
  });
});

describe("prompt and answer together over the window", () => {
  const message =
    "This model's maximum context length is 32768 tokens. However, you requested 33000 tokens (13000 in the messages, 20000 in the completion).";

  test("shorten the answer, this time only", async () => {
    proxy = await startProxy([refuse(message), text("Hello"), text("Hello")]);
    await say({ max_tokens: 20_000 });
    expect(bodies()[1]).toMatchObject({ max_tokens: 32_768 - 13_000 - 512 });
    await say({ max_tokens: 20_000 });
    expect(bodies()[2]).toMatchObject({ max_tokens: 20_000 });
    expect(learned()).toEqual([]);
  });

  test("are reported to the client as the backend reports them if it refuses again", async () => {
    proxy = await startProxy(refuse(message));
    const { error } = await readError(await proxy.post(ask({ max_tokens: 20_000 })));
    expect(error.message).toMatch(
      /^input length and `max_tokens` exceed context limit: 13000 \+ 20000 > 32768/,
    );
    expect(chats()).toHaveLength(2);
  });
});
