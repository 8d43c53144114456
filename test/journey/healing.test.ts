/** What the proxy corrects before a client would notice: refused fields, temporary failures, empty answers. */
import { afterEach, describe, expect, test } from "bun:test";
import { z } from "zod";
import {
  chunks,
  contentChunk,
  createGate,
  cut,
  encodeChunk,
  type FakeReply,
  json,
  raw,
  status,
  text,
  toolCalls,
  type UpstreamRequest,
} from "../support/fake-upstream.ts";
import { checkStream, foldMessage } from "../support/grammar.ts";
import { isBuilt } from "../support/program.ts";
import { ask, readError, startProxy, type TestProxy } from "../support/proxy.ts";

let proxy: TestProxy;
afterEach(() => proxy.close());

const finish = (reason: string) => ({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
const usage = (output: number) => ({
  choices: [],
  usage: { prompt_tokens: 10, completion_tokens: output, total_tokens: 10 + output },
});
const chats = () => proxy.upstream.requests.filter(({ method }) => method === "POST");
const bodies = () => chats().map(({ body }) => body);
const learned = () => proxy.log.filter((line) => line.includes("Learned"));
const refuse = (message: string, param: string | null = null) =>
  status(400, { error: { message, type: "invalid_request_error", param, code: null } });

const answer = z.object({ content: z.array(z.object({ type: z.string(), text: z.string().optional() })) });

/** The text of the answer; of blocks without text, their type. */
async function say(changes: Record<string, unknown> = {}): Promise<string> {
  const response = await proxy.post(ask(changes));
  expect(response.status).toBe(200);
  const message = changes.stream ? foldMessage(checkStream(await response.text())) : await response.json();
  return answer
    .parse(message)
    .content.map(({ type, text }) => text ?? type)
    .join("");
}

/** A backend that accepts none of the given fields. */
const without =
  (...names: string[]) =>
  ({ body }: UpstreamRequest): FakeReply => {
    const name = names.find((name) => typeof body === "object" && body !== null && name in body);
    return name === undefined ? text("Hello") : refuse(`Model x does not support parameter ${name}.`);
  };

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
    proxy = await startProxy([refusal, toolCalls([{ name: "look", arguments: {} }]), text("Hello")]);
    const tools = [{ name: "look", input_schema: { type: "object", properties: {} } }];
    expect(await say({ tools })).toBe("tool_use");
    expect(bodies()[1]).toMatchObject({ reasoning_effort: "none" });
    await say();
    expect(bodies()[2]).not.toHaveProperty("reasoning_effort");
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

describe("temporary failures", () => {
  const failures: [name: string, FakeReply][] = [
    ["overloaded", status(529)],
    ["bad gateway", status(502, "<html>Bad gateway</html>")],
    ["a rate limit", status(429)],
    ["a broken connection", cut("before-headers")],
    ["a failure as the first event", raw(encodeChunk({ error: { code: 503, message: "Overloaded" } }))],
    ["a failure in a 200", json({ error: { code: 503, message: "Overloaded" } })],
    ["a stream that ends before any content", raw(encodeChunk(usage(0)))],
    ["a stream that breaks before any content", cut(encodeChunk(contentChunk("")))],
    ["a model failure as a finish reason", chunks([finish("network_error")])],
  ];
  for (const [name, failure] of failures) {
    test(name, async () => {
      for (const stream of [false, true]) {
        proxy = await startProxy([failure, failure, text("Hello")]);
        expect(await say({ stream })).toBe("Hello");
        expect(chats()).toHaveLength(3);
        if (!stream) await proxy.close();
      }
    });
  }

  test("are retried twice, then reported", async () => {
    proxy = await startProxy(status(503, { error: { message: "Engine overloaded" } }));
    const response = await proxy.post(ask({ stream: true }));
    expect(response.status).toBe(529);
    expect((await readError(response)).error.message).toContain("Engine overloaded");
    expect(chats()).toHaveLength(3);
  });

  test("are reported at once when the backend asks for a longer wait than ours", async () => {
    proxy = await startProxy(status(429, undefined, { "retry-after": "9" }), {
      pace: { maxRetryDelay: 8000 },
    });
    const response = await proxy.post(ask());
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "9"]);
    expect(chats()).toHaveLength(1);
  });

  test("do not include permanent ones", async () => {
    const quota = { error: { message: "You exceeded your current quota", code: "insufficient_quota" } };
    const lasting = [status(400), status(401), status(404), status(429, quota)];
    proxy = await startProxy(lasting);
    for (const _ of lasting) await proxy.post(ask());
    expect(chats()).toHaveLength(lasting.length);
  });

  test("are not retried after the first content", async () => {
    const gate = createGate();
    const begun = raw([encodeChunk(contentChunk("Hel")), gate]);
    proxy = await startProxy({ ...begun, steps: [...begun.steps, { do: "cut" }] });
    const response = await proxy.post(ask({ stream: true }));
    gate.open();
    expect(checkStream(await response.text(), { allowTruncated: true }).at(-1)?.type).toBe("error");
    expect(chats()).toHaveLength(1);
  });

  test("leave nothing behind: usage of a failed attempt is not reported", async () => {
    const failed = raw(encodeChunk(usage(77)) + encodeChunk({ error: { code: 503, message: "Overloaded" } }));
    proxy = await startProxy([failed, chunks([contentChunk("Hello"), finish("stop")])]);
    const response = await proxy.post(ask());
    expect(await response.json()).not.toMatchObject({ usage: { output_tokens: 77 } });
  });

  test("end the wait when the client leaves", async () => {
    proxy = await startProxy(status(503), { pace: { retryAfter: 60_000 } });
    const leave = new AbortController();
    const response = proxy.post(ask(), {}, leave.signal);
    await proxy.upstream.received(2);
    leave.abort();
    await response.catch(() => {});
    await proxy.heard("message client left");
    expect(chats()).toHaveLength(1);
  });
});

describe("an empty answer", () => {
  const empty = chunks([finish("stop"), usage(0)]);
  const blank = chunks([contentChunk("\n"), contentChunk("\n "), finish("stop"), usage(2)]);

  for (const [name, reply] of [
    ["nothing", empty],
    ["white space", blank],
  ] as const) {
    test(`is asked for once more: ${name}`, async () => {
      for (const stream of [false, true]) {
        proxy = await startProxy([reply, text("Hello")]);
        expect(await say({ stream })).toBe("Hello");
        if (!stream) await proxy.close();
      }
    });
  }

  test("does not include an answer that starts with white space", async () => {
    proxy = await startProxy(chunks([contentChunk("  "), contentChunk("Hello"), finish("stop")]));
    expect(await say()).toBe("  Hello");
    expect(chats()).toHaveLength(1);
  });

  test("is accepted the second time", async () => {
    proxy = await startProxy(empty);
    expect(await say()).toBe("");
    expect(chats()).toHaveLength(2);
  });

  test("is accepted at once where it was cut off, refused, or limited to one token", async () => {
    for (const [reply, changes] of [
      [chunks([finish("length")]), {}],
      [chunks([finish("content_filter")]), {}],
      [empty, { max_tokens: 1 }],
    ] as const) {
      proxy = await startProxy(reply);
      await say(changes);
      expect(chats()).toHaveLength(1);
      await proxy.close();
    }
    proxy = await startProxy(empty);
  });
});

test.skipIf(isBuilt)("a backend that reasons first is not asked twice", async () => {
  const gate = createGate();
  proxy = await startProxy(
    raw([encodeChunk(usage(0)), gate, encodeChunk(contentChunk("Hi")), encodeChunk(finish("stop"))]),
    {
      pace: { headersAfter: 10 },
    },
  );
  const response = await proxy.post(ask({ stream: true }));
  gate.open();
  expect(checkStream(await response.text()).at(-1)?.type).toBe("message_stop");
  expect(chats()).toHaveLength(1);
});
