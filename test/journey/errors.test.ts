/** Every way a backend fails, and the error that the client gets. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  chunks,
  contentChunk,
  createGate,
  cut,
  encodeChunk,
  held,
  json,
  raw,
  status,
  text,
} from "../support/fake-upstream.ts";
import { checkStream } from "../support/grammar.ts";
import { hearsRefusal, isBuilt } from "../support/program.ts";
import { ask, readError, startProxy, type TestProxy } from "../support/proxy.ts";

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await startProxy(text("unused"), {
    pace: { headersAfter: 1000 },
  });
});
afterAll(() => proxy.close());

const events = async (response: Response) => checkStream(await response.text(), { allowTruncated: true });

describe("a failure before the first content has its true status, in both forms", () => {
  type Failure = [
    name: string,
    reply: Parameters<TestProxy["upstream"]["follow"]>[0],
    status: number,
    type: string,
    words: RegExp,
  ];
  const failures: Failure[] = [
    [
      "a refused key",
      status(401, { error: { message: "Incorrect API key", code: "invalid_api_key" } }),
      401,
      "authentication_error",
      /Incorrect API key/,
    ],
    [
      "no credit",
      status(429, { error: { message: "You exceeded your current quota", code: "insufficient_quota" } }),
      402,
      "billing_error",
      /quota/,
    ],
    [
      "an unknown model",
      status(404, { error: { message: "The model x does not exist", code: "model_not_found" } }),
      404,
      "not_found_error",
      /claude-opus-5-5.*does not exist/,
    ],
    [
      "overloaded",
      status(503, { error: { message: "Engine overloaded" } }),
      529,
      "overloaded_error",
      /overloaded/,
    ],
    [
      "a page of HTML",
      status(502, "<html><body><h1>Bad gateway</h1></body></html>"),
      500,
      "api_error",
      /Bad gateway/,
    ],
    [
      "a prompt too long",
      status(400, {
        error: {
          message:
            "request (70010 tokens) exceeds the available context size (32768 tokens), try increasing it",
          type: "exceed_context_size_error",
          n_prompt_tokens: 70010,
          n_ctx: 32768,
        },
      }),
      400,
      "invalid_request_error",
      /^prompt is too long: 70010 tokens > 32768 maximum$/,
    ],
    [
      "an error as the first event",
      raw(encodeChunk({ error: { code: 429, message: "Slow down" } })),
      429,
      "rate_limit_error",
      /Slow down/,
    ],
    [
      "an error inside a 200",
      json({ error: { code: 402, message: "Pay first" } }),
      402,
      "billing_error",
      /Pay first/,
    ],
    [
      "an error beside choices",
      json({ choices: [{ error: { code: 502, message: "Provider broke" } }] }),
      500,
      "api_error",
      /Provider broke/,
    ],
    ...(
      [
        ["an unknown object", encodeChunk({ detail: "The model is down" }), /^The model is down$/],
        ["an unknown object before [DONE]", `${encodeChunk({ detail: "Down" })}data: [DONE]\n\n`, /^Down$/],
        [
          "a sentence",
          "upstream connect error: the pod is gone",
          /^upstream connect error: the pod is gone$/,
        ],
        ["a page of HTML", "<html>\n<title>Bad gateway</title>\n</html>", /^Bad gateway$/],
      ] as const
    ).map(
      ([name, body, words]): Failure => [`${name} instead of a stream`, raw(body), 500, "api_error", words],
    ),
    [
      "an error sent as an event",
      raw(`event: error\n${encodeChunk({ error: { message: "No such field" } })}`, { status: 400 }),
      400,
      "invalid_request_error",
      /^No such field$/,
    ],
    ["a completion without choices", json({ object: "chat.completion", choices: [] }), 500, "api_error", /./],
    ["an empty body", json(""), 500, "api_error", /./],
    ["an empty stream", raw(""), 500, "api_error", /before the answer was finished/],
    ["HTML with a 200", status(200, "<html>Login</html>"), 400, "invalid_request_error", /Login.*\/v1$/],
    ["a connection cut before the headers", cut("before-headers"), 502, "api_error", /connection/],
  ];
  for (const [name, reply, code, type, words] of failures) {
    test(name, async () => {
      proxy.upstream.follow(reply);
      for (const stream of [false, true]) {
        const response = await proxy.post(ask({ stream }));
        const body = await readError(response);
        expect([code, code === 500 ? 502 : code]).toContain(response.status);
        expect(body).toMatchObject({
          type: "error",
          error: { type },
          request_id: response.headers.get("request-id"),
        });
        expect(body.error.message).toMatch(words);
        expect(body.error.message).not.toMatch(/<\w+>|sk-fake/);
      }
    });
  }

  test.skipIf(!hearsRefusal)("an unreachable backend", async () => {
    const alone = await startProxy(text("unused"), {
      config: { backend: { baseUrl: "http://127.0.0.1:1/v1" } },
    });
    const response = await alone.post(ask());
    expect(response.status).toBe(502);
    expect((await readError(response)).error.message).toMatch(/127\.0\.0\.1:1.*refused.*OPENAI_BASE_URL/);
    await alone.close();
  });

  test("headers say whether the client should retry", async () => {
    const hints = async (code: number, headers = {}) => {
      proxy.upstream.follow(status(code, undefined, headers));
      const response = await proxy.post(ask());
      return [response.headers.get("x-should-retry"), response.headers.get("retry-after")];
    };
    expect(await hints(401)).toEqual(["false", null]);
    expect(await hints(400)).toEqual(["false", null]);
    expect(await hints(429, { "retry-after": "9" })).toEqual(["true", "9"]);
    expect(await hints(503)).toEqual(["true", null]);
  });
});

describe("a failure after the first content is an error event", () => {
  test("an error in mid-stream", async () => {
    proxy.upstream.follow(
      chunks([contentChunk("Hel"), { error: { code: 500, message: "Provider broke" } }, contentChunk("lo")]),
    );
    const seen = await events(await proxy.post(ask({ stream: true })));
    expect(seen.map((event) => event.type)).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "error",
    ]);
    expect(seen.at(-1)).toMatchObject({
      error: { type: "api_error", message: expect.stringContaining("Provider broke") },
    });
  });

  test("neither a finish reason nor [DONE]", async () => {
    proxy.upstream.follow(raw(encodeChunk(contentChunk("Hel"))));
    expect((await events(await proxy.post(ask({ stream: true })))).at(-1)).toMatchObject({
      type: "error",
      error: { type: "api_error" },
    });
    expect((await proxy.post(ask())).status).toBeGreaterThanOrEqual(500);
  });

  test("[DONE] without a finish reason ends the message, and so does a finish reason without [DONE]", async () => {
    const finish = { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
    for (const reply of [
      chunks([contentChunk("Hi")]),
      raw(encodeChunk(contentChunk("Hi")) + encodeChunk(finish)),
    ]) {
      proxy.upstream.follow(reply);
      expect((await events(await proxy.post(ask({ stream: true })))).at(-1)?.type).toBe("message_stop");
    }
  });

  test("a cut connection", async () => {
    const gate = createGate();
    const begun = raw([encodeChunk(contentChunk("Hel")), gate]);
    proxy.upstream.follow({ ...begun, steps: [...begun.steps, { do: "cut" }] });
    const response = await proxy.post(ask({ stream: true }));
    gate.open();
    expect((await events(response)).at(-1)).toMatchObject({ type: "error", error: { type: "api_error" } });
  });

  test.skipIf(isBuilt)("a failure after the response has started is an event too", async () => {
    const gate = createGate();
    proxy.upstream.follow(held(gate, raw(encodeChunk({ error: { code: 503, message: "Overloaded" } }))));
    const response = await proxy.post(ask({ stream: true }));
    expect(response.status).toBe(200);
    gate.open();
    expect((await events(response)).map((event) => event.type)).toEqual(["message_start", "error"]);
  });
});

test("rate limits of a successful answer reach the client as headers", async () => {
  proxy.upstream.follow(
    raw(`${encodeChunk(contentChunk("Hi"))}data: [DONE]\n\n`, {
      headers: { "content-type": "text/event-stream", "x-ratelimit-remaining-requests": "7" },
    }),
  );
  for (const stream of [true, false]) {
    const response = await proxy.post(ask({ stream }));
    expect(response.headers.get("anthropic-ratelimit-requests-remaining")).toBe("7");
    await response.text();
  }
});

describe("the other form of answer is understood", () => {
  const completion = {
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "Hi", reasoning_content: "Greet" },
        finish_reason: "stop",
      },
    ],
    usage: { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 },
  };
  test("JSON instead of a stream", async () => {
    proxy.upstream.follow(json(completion));
    const seen = await events(await proxy.post(ask({ stream: true })));
    expect(
      seen.filter((event) => event.type === "content_block_start").map((event) => event.content_block.type),
    ).toEqual(["thinking", "text"]);
    expect(seen.at(-2)).toMatchObject({
      delta: { stop_reason: "end_turn" },
      usage: { input_tokens: 4, output_tokens: 2 },
    });
  });
});

test("events labelled as JSON", async () => {
  const reply = raw(`${encodeChunk(contentChunk("Hi"))}data: [DONE]\n\n`, {
    headers: { "content-type": "application/json" },
  });
  proxy.upstream.follow(reply);
  expect((await events(await proxy.post(ask({ stream: true })))).at(-1)?.type).toBe("message_stop");
  proxy.upstream.follow(reply);
  expect(await (await proxy.post(ask())).json()).toMatchObject({ content: [{ text: "Hi" }] });
});

test("a failed request leaves a log line without the key", async () => {
  proxy.upstream.follow(status(401, { error: { message: "Incorrect API key provided: sk-fake-upstream" } }));
  const response = await proxy.post(ask());
  expect(await response.text()).not.toContain("sk-fake-upstream");
  await proxy.heard("Incorrect API key");
  expect(proxy.log.join("\n")).not.toContain("sk-fake-upstream");
});
