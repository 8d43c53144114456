import { describe, expect, test } from "bun:test";
import type { BackendName } from "../../../../src/catalog/backends/known-backends.ts";
import type { ChatRequest } from "../../../../src/upstream/openai-chat/wire.ts";
import {
  image,
  marked,
  type Row,
  text,
  titleOf,
  tool,
  user,
  writeChat,
  writeRow,
  writtenFor,
} from "../../../support/chat-requests.ts";

describe("system", () => {
  test("a string, or blocks joined by a blank line", () => {
    expect(writeChat({ system: "Be kind" }).messages[0]).toEqual({ role: "system", content: "Be kind" });
    expect(writeChat({ system: [text("a"), text("b")] }).messages[0]).toEqual({
      role: "system",
      content: "a\n\nb",
    });
  });

  test("the billing header is left out, and its message too if nothing else is in it", () => {
    const header = text("x-anthropic-billing-header: cc_version=1; cch=abc;");
    expect(writeChat({ system: [header, text("b")] }).messages[0]).toMatchObject({ content: "b" });
    expect(writeChat({ system: [header] }).messages[0]).toMatchObject({ role: "user" });
  });

  test("the last four cache marks are kept, and none where they have no meaning", () => {
    const body = {
      system: [text("a", marked), text("b", marked)],
      tools: [tool("t", marked)],
      messages: [user(text("c", marked), text("d", marked), text("e", marked))],
    };
    const kept = JSON.stringify(writeChat(body, { backend: "openrouter", model: "anthropic/claude-opus-5" }));
    expect(kept.match(/cache_control/g)).toHaveLength(4);
    expect(kept).toContain('"text":"b","cache_control"');
    expect(kept).not.toContain('"text":"a","cache_control"');
    expect(JSON.stringify(writeChat(body))).not.toContain("cache_control");
  });

  describe("a cache mark on the whole request", () => {
    const whole = { ...marked, messages: [user(text("c", marked), text("d"))], system: [text("a", marked)] };
    const marks = (chat: ChatRequest) => JSON.stringify(chat.messages).match(/"text":"\w","cache_control"/g);

    test("is automatic caching where available, and counts as one of the four", () => {
      const claude = { backend: "openrouter", model: "anthropic/claude-opus-5" } as const;
      expect(writeChat(whole, claude)).toMatchObject(marked);
      const four = [user(text("c", marked), text("d", marked), text("e", marked))];
      expect(marks(writeChat({ ...whole, messages: four }, claude))).toHaveLength(3);
    });

    test("moves to the last part elsewhere, and is dropped where marks have no meaning", () => {
      const chat = writeChat(whole, { backend: "openrouter", model: "google/gemini-3-pro" });
      expect(chat).not.toHaveProperty("cache_control");
      expect(marks(chat)).toHaveLength(3);
      expect(chat.messages.at(-1)).toMatchObject({ content: [{ text: "c" }, { text: "d", ...marked }] });
      expect(JSON.stringify(writeChat(whole))).not.toContain("cache_control");
    });
  });

  test("OpenAI's reasoning models get a developer message", () => {
    expect(writeChat({ system: "s" }, { backend: "openai", model: "gpt-5.4" }).messages[0]).toMatchObject({
      role: "developer",
    });
    expect(writeChat({ system: "s" }, { backend: "openai", model: "gpt-4.1" }).messages[0]).toMatchObject({
      role: "system",
    });
  });
});

describe("parameters", () => {
  test("a limit is raised to the least that the backend takes", () => {
    const probe = { max_tokens: 1 };
    const row = { backend: "openrouter", model: "openai/gpt-5.4" } as const;
    expect(writeChat(probe, row).max_tokens).toBe(16);
    expect(writeChat({ max_tokens: 64 }, row).max_tokens).toBe(64);
    expect(writeChat(probe).max_tokens).toBe(1);
  });

  test("max_tokens is sent in one field only", () => {
    expect(writeChat({})).toMatchObject({ max_tokens: 100 });
    expect(writeChat({}, { backend: "openai" })).toMatchObject({ max_completion_tokens: 100 });
    expect(writeChat({}, { backend: "openai" })).not.toHaveProperty("max_tokens");
  });

  test("top_k is sent only where it is known, and sampling stays in range", () => {
    const sampling = { temperature: 3, top_p: 0.5, top_k: 7 };
    expect(writeChat(sampling)).toMatchObject({ temperature: 2, top_p: 0.5 });
    expect(writeChat(sampling)).not.toHaveProperty("top_k");
    expect(writeChat(sampling, { backend: "openrouter" })).toMatchObject({ top_k: 7 });
    expect(
      Object.keys(writeChat({ ...sampling, stop_sequences: ["x"] }, { backend: "openai", model: "gpt-5.4" })),
    ).not.toContain("temperature");
  });

  test("blank stop sequences are dropped, and their number is limited", () => {
    expect(writeChat({ stop_sequences: ["</severity>", " \n"] }).stop).toEqual(["</severity>"]);
    expect(writeChat({ stop_sequences: ["a", "b", "c", "d", "e"] }).stop).toEqual(["a", "b", "c", "d"]);
    expect(writeChat({ stop_sequences: ["\n"] })).not.toHaveProperty("stop");
  });

  test("a hash identifies the user, and the session id the cache", () => {
    const body = { metadata: { user_id: '{"device_id":"secret-device"}' } };
    const chat = writeChat(body, { backend: "openai", model: "gpt-4.1", sessionId: "session-1" });
    expect(chat).toMatchObject({
      prompt_cache_key: "session-1",
      safety_identifier: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.stringify(chat)).not.toContain("secret-device");
    expect(writeChat(body, { backend: "openrouter", sessionId: "s" })).toMatchObject({ session_id: "s" });
    expect(Object.keys(writeChat(body, { sessionId: "s" })).sort()).toEqual([
      "max_tokens",
      "messages",
      "model",
      "stream",
    ]);
  });

  test("what only Anthropic understands is not sent", () => {
    const chat = writeChat({
      container: "c",
      context_management: { edits: [] },
      safeguards: [{ type: "x" }],
      mcp_servers: [],
      betas: ["b"],
      speed: "fast",
      service_tier: "auto",
    });
    expect(Object.keys(chat).sort()).toEqual(["max_tokens", "messages", "model", "stream"]);
  });

  test("a stream is asked for unless the plan wants one message", () => {
    expect(writeChat({ stream: true })).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(writeChat({}, { backend: "openai" })).toMatchObject({ stream: true });
    expect(writeChat({})).toMatchObject({ stream: false });
  });

  test("stream_options are not sent where they are refused", () => {
    expect(writeChat({ stream: true }, { backend: "mistral" })).not.toHaveProperty("stream_options");
  });
});

test("OpenAI's newest models refuse reasoning with tools, sampling and stop sequences", () => {
  const chat = writeRow({ tools: [tool("A")], temperature: 1, top_p: 1, stop_sequences: ["x"] }, [
    "openai",
    "gpt-5.6",
  ]);
  expect(chat).toHaveProperty("reasoning_effort", "none");
  for (const field of ["temperature", "top_p", "stop"]) expect(chat).not.toHaveProperty(field);
});

describe("sampling", () => {
  test.each<[Row, Record<string, number>, object]>([
    [["generic"], { temperature: 5, top_p: 0 }, { temperature: 2, top_p: 0 }],
    [["zai"], { temperature: 1.5, top_p: 0 }, { temperature: 1, top_p: 0.01 }],
    [["minimax"], { temperature: 0 }, { temperature: 0.01 }],
    [["mistral"], { temperature: 2 }, { temperature: 1.5 }],
    [["moonshot", "moonshot-v1-8k"], { temperature: 1.2 }, { temperature: 1 }],
  ])("%j %j", (row, given, expected) => {
    expect(writeRow(given, row)).toMatchObject(expected);
  });

  test("Kimi does not take sampling parameters", () => {
    const chat = writeRow({ temperature: 0.3, top_p: 0.9 }, ["moonshot", "kimi-k2.6"]);
    expect(chat).not.toHaveProperty("temperature");
    expect(chat).not.toHaveProperty("top_p");
  });

  test.each<[BackendName, number]>([
    ["generic", 4],
    ["deepseek", 16],
    ["zai", 1],
  ])("%s takes %d stop sequences of 20", (backend, count) => {
    const stop_sequences = Array.from({ length: 20 }, (_, at) => `stop${at}`);
    expect(writeRow({ stop_sequences }, [backend]).stop).toEqual(stop_sequences.slice(0, count));
  });

  test.each<BackendName>(["llamacpp", "vllm", "ollama", "lmstudio"])(
    "%s would match stop sequences inside reasoning and calls, so it gets none",
    (backend) => {
      expect(writeRow({ stop_sequences: ["</a>"] }, [backend])).not.toHaveProperty("stop");
    },
  );
});

describe("a JSON schema for the answer", () => {
  const schema = {
    type: "object",
    properties: { title: { type: "string" } },
    required: ["title"],
    additionalProperties: false,
  };
  const asked = { output_config: { format: { type: "json_schema", schema } } };
  const rows: [Row, kind: string | undefined, withTools: string | undefined][] = [
    [["openrouter"], "json_schema", "json_schema"],
    [["openai"], "json_schema", "json_schema"],
    [["lmstudio"], "json_schema", "json_schema"],
    [["llamacpp"], "json_schema", "json_schema"],
    [["moonshot"], "json_schema", undefined],
    [["groq", "openai/gpt-oss-20b"], "json_schema", undefined],
    [["groq"], "json_object", undefined],
    [["deepseek"], "json_object", "json_object"],
    [["zai"], "json_object", "json_object"],
    [["minimax", "MiniMax-M2"], undefined, undefined],
  ];
  test.each(rows.map((row) => [titleOf(row[0]), ...row] as const))("%s", (_, row, kind, withTools) => {
    const alone = writeRow(asked, row);
    expect(alone.response_format?.type).toBe(kind as "json_object");
    expect(JSON.stringify(alone.messages).includes("JSON schema")).toBe(kind !== "json_schema");
    const beside = writeRow({ ...asked, tools: [tool("A")] }, row);
    expect(beside.response_format?.type).toBe(withTools as "json_object");
    expect(JSON.stringify(beside.messages).includes("JSON schema")).toBe(withTools !== "json_schema");
  });

  test("has a name and is strict where the schema allows it, or goes into the prompt", () => {
    expect(writeChat(asked).response_format).toEqual({
      type: "json_schema",
      json_schema: { name: "response", schema, strict: true },
    });
    expect(
      writeChat({ output_format: { type: "json_schema", schema: { ...schema, required: [] } } })
        .response_format,
    ).toEqual({
      type: "json_schema",
      json_schema: { name: "response", schema: { ...schema, required: [] } },
    });
    const degraded = writeChat({ ...asked, system: "s" }, { backend: "deepseek" });
    expect(degraded.response_format).toEqual({ type: "json_object" });
    expect(degraded.messages[0]?.content).toContain('"title"');
  });
});

describe("where a request runs", () => {
  const fallbacks = [
    { model: "claude-sonnet-5" },
    { model: "claude-haiku-5" },
    { model: "claude-haiku-5" },
    { model: "other" },
  ];

  test("the service tier is sent where the backend knows it", () => {
    for (const backend of ["openai", "openrouter"] as const) {
      expect(writeRow({ speed: "fast" }, [backend])).toMatchObject({ service_tier: "priority" });
      expect(writeRow({ service_tier: "standard_only" }, [backend])).toMatchObject({
        service_tier: "default",
      });
      expect(writeRow({ service_tier: "auto", speed: "standard" }, [backend])).not.toHaveProperty(
        "service_tier",
      );
    }
    for (const backend of ["groq", "mistral", "generic"] as const)
      expect(writeRow({ speed: "fast" }, [backend])).not.toHaveProperty("service_tier");
  });

  test("fallback models are sent under the backend's names, each once", () => {
    expect(writeRow({ fallbacks }, ["openrouter", "a/main"]).models).toEqual([
      "a/main",
      "middle-model",
      "small-model",
    ]);
    expect(writeRow({ fallbacks: "default" }, ["openrouter"])).not.toHaveProperty("models");
    expect(writeRow({ fallbacks }, ["openai"])).not.toHaveProperty("models");
  });
});

describe("cache marks", () => {
  const marked = {
    system: [{ type: "text", text: "Be kind", cache_control: { type: "ephemeral" } }],
    tools: [{ name: "A", input_schema: {}, cache_control: { type: "ephemeral" } }],
  };

  test("are breakpoints on parts for OpenAI's models that have them, and nothing for earlier ones", () => {
    const later = JSON.stringify(writeChat(marked, { backend: "openai", model: "gpt-5.6-sol" }));
    expect(later).toContain('{"type":"text","text":"Be kind","prompt_cache_breakpoint":{"mode":"explicit"}}');
    expect(later).not.toContain("cache_control");
    const earlier = JSON.stringify(writeChat(marked, { backend: "openai", model: "gpt-5.5" }));
    expect(earlier).not.toMatch(/cache_control|prompt_cache_breakpoint/);
  });
});

test("a picture is written in the way of pictures in a short conversation, too", () => {
  expect(String(writtenFor({ messages: [user(text("“What”?"), image)] }).body)).toMatch(/^[ -~]+$/);
});
