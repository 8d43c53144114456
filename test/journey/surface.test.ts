/** The HTTP surface: every endpoint, and everything that is not one. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { json, status, text } from "../support/fake-upstream.ts";
import { ask, readError, startProxy, type TestProxy } from "../support/proxy.ts";

let open: TestProxy;
let locked: TestProxy;
beforeAll(async () => {
  open = await startProxy(text("Hello"), {
    upstream: {
      models: json({
        data: [
          { id: "qwen3", context_length: 8000 },
          { id: "vendor/model", top_provider: { max_completion_tokens: 50 } },
        ],
      }),
    },
  });
  locked = await startProxy(text("Hello"), {
    config: { server: { clientKey: "client-secret", allowedOrigins: ["https://good.example"] } },
  });
});
afterAll(async () => {
  await open.close();
  await locked.close();
});

const post = (path: string, body: unknown = ask(), headers: Record<string, string> = {}, proxy = open) =>
  fetch(proxy.url + path, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers,
  });

describe("the path decides, not the query", () => {
  for (const path of [
    "/v1/messages",
    "/v1/messages?beta=true",
    "/v1/messages/",
    "/v1/v1/messages?beta=true",
  ]) {
    test(path, async () => {
      const response = await post(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("request-id")).toMatch(/^req_/);
      expect(await response.json()).toMatchObject({
        type: "message",
        id: expect.stringMatching(/^msg_/),
        content: [{ type: "text", text: "Hello" }],
      });
    });
  }
});

describe("the client key", () => {
  const key = "client-secret";
  const rows: [string, Record<string, string>, number][] = [
    ["x-api-key", { "x-api-key": key }, 200],
    ["Bearer", { authorization: `Bearer ${key}` }, 200],
    ["both, x-api-key wins", { "x-api-key": key, authorization: "Bearer other" }, 200],
    ["both, but x-api-key is wrong", { "x-api-key": "other", authorization: `Bearer ${key}` }, 401],
    ["wrong", { "x-api-key": "other" }, 401],
    ["an empty x-api-key with a Bearer key", { "x-api-key": "", authorization: `Bearer ${key}` }, 200],
    ["an invalid Host", { "x-api-key": key, host: "[" }, 400],
    ["an invalid Host without a key", { host: "[" }, 400],
    ["none", {}, 401],
  ];
  for (const [name, headers, code] of rows) {
    test(name, async () => {
      const response = await post("/v1/messages", ask(), headers, locked);
      expect(response.status).toBe(code);
      if (code === 401) {
        expect(await response.json()).toMatchObject({
          error: { type: "authentication_error" },
          request_id: response.headers.get("request-id"),
        });
        expect(response.headers.get("x-should-retry")).toBe("false");
      }
    });
  }

  test("guards everything but health checks and probes", async () => {
    const code = async (method: string, path: string) => (await fetch(locked.url + path, { method })).status;
    expect(await code("GET", "/health")).toBe(200);
    expect(await code("HEAD", "/")).toBe(200);
    expect(await code("HEAD", "/api/hello")).toBe(200);
    for (const path of ["/", "/v1/models", "/test-connection"]) expect(await code("GET", path)).toBe(401);
  });
});

describe("bad bodies", () => {
  const rows: [string, unknown, number, RegExp][] = [
    ["not JSON", "{nope", 400, /JSON/],
    ["not an object", "[]", 400, /./],
    ["no model", { max_tokens: 1, messages: [{ role: "user", content: "x" }] }, 400, /^model: /],
    ["no messages", { model: "m", max_tokens: 1 }, 400, /^messages: /],
    ["empty messages", { model: "m", max_tokens: 1, messages: [] }, 400, /^messages: /],
    ["max_tokens as text", ask({ max_tokens: "x" }), 400, /^max_tokens: /],
    [
      "an image without data",
      ask({
        messages: [
          { role: "user", content: [{ type: "image", source: { type: "base64", media_type: "image/png" } }] },
        ],
      }),
      400,
      /^messages\.0\.content\.0\.source\.data: /,
    ],
    [
      "a continued thread of Claude Code",
      ask({
        thread: { type: "continue", previous_message_id: "msg_1" },
        system: "You are Claude Code.",
      }),
      400,
      /^capability_rejected: beta_header:message-threads-2026-08-12/,
    ],
  ];
  for (const [name, body, code, words] of rows) {
    test(name, async () => {
      const response = await post("/v1/messages", body);
      expect(response.status).toBe(code);
      const { error } = await readError(response);
      expect(error.type).toBe("invalid_request_error");
      expect(error.message).toMatch(words);
    });
  }

  for (const megabytes of [33, 60]) {
    test(`larger than 32 MB: ${megabytes}`, async () => {
      const response = await post("/v1/messages", "x".repeat(megabytes << 20));
      expect(response.status).toBe(413);
      expect(await response.json()).toMatchObject({ error: { type: "request_too_large" } });
    });
  }

  test("fields of newer clients are accepted", async () => {
    const newer = ask({
      thinking: { type: "future" },
      tool_choice: { type: "future" },
      tools: [{ type: "future_20300101", name: null }],
      output_config: { format: { type: "future" }, effort: "future" },
      service_tier: 7,
      messages: [
        { role: "user", content: [{ type: "future" }, { type: "text", text: "x" }] },
        { role: "system", content: [{ type: "tool_addition" }] },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "x", signature: null },
            { type: "text", text: "y" },
          ],
        },
        { role: "user", content: "z" },
      ],
    });
    expect((await post("/v1/messages", newer)).status).toBe(200);
  });
});

describe("unknown endpoints, wrong methods and foreign pages", () => {
  const rows: [string, string, Record<string, string>, number, string][] = [
    ["GET", "/v1/nope", {}, 404, "not_found_error"],
    ["GET", "/v1/messages", {}, 405, "invalid_request_error"],
    ["POST", "/health", {}, 405, "invalid_request_error"],
    ["POST", "/v1/messages", { origin: "https://evil.example" }, 403, "permission_error"],
    ["GET", "/health", { host: "evil.example" }, 403, "permission_error"],
    ["OPTIONS", "/v1/messages", { origin: "https://evil.example" }, 403, "permission_error"],
  ];
  for (const [method, path, headers, code, type] of rows) {
    test(`${method} ${path} ${JSON.stringify(headers)}`, async () => {
      const response = await fetch(open.url + path, { method, headers });
      expect(response.status).toBe(code);
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      expect(await response.json()).toMatchObject({ type: "error", error: { type } });
    });
  }

  test("an origin that the operator allows gets CORS headers", async () => {
    const headers = { origin: "https://good.example", "access-control-request-headers": "x-api-key" };
    const response = await fetch(`${locked.url}/v1/messages`, { method: "OPTIONS", headers });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://good.example");
    expect(response.headers.get("access-control-allow-headers")).toBe("x-api-key");
  });
});

describe("requests to the backend", () => {
  test("contain sampling parameters of every API version, and no header of the client", async () => {
    await post(
      "/v1/messages",
      ask({ temperature: 0.3, container: "x", safeguards: [{ type: "dangerous_tool_use" }], betas: ["b"] }),
      {
        "anthropic-version": "2026-10-21",
        "anthropic-beta": "a,b",
        "x-api-key": "mine",
        "x-stainless-lang": "js",
        cookie: "c=d",
        "x-app": "cli",
      },
    );
    const { headers, body } = open.upstream.lastChat();
    expect(headers.get("authorization")).toBe("Bearer sk-fake-upstream");
    const strangers = [...headers.keys()].filter((name) => /^(?:x-|anthropic|cookie)/.test(name));
    expect(strangers).toEqual([]);
    expect(body).toMatchObject({ temperature: 0.3 });
    expect(JSON.stringify(body)).not.toContain("safeguards");
  });

  test("go to Azure's addresses with its key header", async () => {
    const azure = await startProxy(text("Hello"), {
      upstream: { auth: "api-key" },
      config: { backend: { azureApiVersion: "2025-04-01" } },
    });
    for (const [base, path] of [
      ["", "/openai/deployments/small-model/chat/completions?api-version=2025-04-01"],
      ["/openai/deployments/mine", "/openai/deployments/mine/chat/completions?api-version=2025-04-01"],
      ["/openai/v1", "/openai/v1/chat/completions"],
    ]) {
      const root = azure.upstream.url.replace(/\/v1$/, "");
      const one = await startProxy(text("unused"), {
        config: { backend: { azureApiVersion: "2025-04-01", baseUrl: root + base } },
      });
      expect((await one.post(ask({ model: "haiku" }))).status).toBe(200);
      expect(azure.upstream.lastChat().path).toBe(path ?? "");
      await one.close();
    }
    await azure.close();
  });
});

describe("the other endpoints", () => {
  const get = (path: string) => fetch(open.url + path);

  test("/health makes no request", async () => {
    const calls = open.upstream.requests.length;
    expect(await (await get("/health")).json()).toMatchObject({ status: "ok" });
    expect(open.upstream.requests.length).toBe(calls);
  });

  test("/ does not show secrets", async () => {
    const words = await (await get("/")).text();
    expect(words).toContain("claude-code-proxy");
    expect(words).toContain("big-model");
    expect(words).not.toContain("sk-fake-upstream");
  });

  test("/test-connection reports success, or what to do", async () => {
    expect(await (await get("/test-connection")).json()).toMatchObject({
      status: "success",
      model: "small-model",
    });
    open.upstream.follow(status(401, { error: { message: "Bad key" } }));
    const response = await get("/test-connection");
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      status: "failed",
      error: expect.stringContaining("Bad key"),
      what_to_do: expect.stringContaining("OPENAI_API_KEY"),
    });
    open.upstream.follow(text("Hello"));
  });

  test("/v1/messages/count_tokens needs no max_tokens and grows with the text", async () => {
    const count = async (content: string) => {
      const response = await post("/v1/messages/count_tokens?beta=true", {
        model: "m",
        messages: [{ role: "user", content }],
      });
      return z.object({ input_tokens: z.number() }).parse(await response.json()).input_tokens;
    };
    const short = await count("Hello");
    expect(short).toBeGreaterThan(0);
    expect(await count("Hello ".repeat(100))).toBeGreaterThan(short + 90);
  });

  test("/v1/models lists the tiers and the backend's models, whose ids are accepted", async () => {
    const list = z.object({ data: z.array(z.object({ id: z.string() })) });
    const ids = list.parse(await (await get("/v1/models?limit=1000")).json()).data.map(({ id }) => id);
    expect(ids).toContain("claude/qwen3");
    expect(ids.every((id) => /^(?:claude|anthropic)/.test(id))).toBe(true);
    expect((await get("/v1/models/claude%2Fvendor%2Fmodel")).status).toBe(200);
    expect((await get("/v1/models/claude/vendor/model")).status).toBe(200);
    expect((await get("/v1/models/none")).status).toBe(404);
    await post("/v1/messages", ask({ model: "claude/vendor/model", max_tokens: 5000 }));
    expect(open.upstream.lastChat().body).toMatchObject({ model: "vendor/model", max_tokens: 50 });
  });

  test("max_tokens 0 warms a cache and returns an empty answer", async () => {
    const calls = open.upstream.requests.length;
    const message = await (await post("/v1/messages", ask({ max_tokens: 0 }))).json();
    expect(message).toMatchObject({ content: [], stop_reason: "max_tokens", usage: { output_tokens: 0 } });
    expect(open.upstream.requests.length).toBe(calls);
  });
});
