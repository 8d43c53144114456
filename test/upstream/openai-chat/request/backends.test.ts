/** What each backend is asked beyond the common ground; the words of `catalog/quirks.ts`, as they go out. */
import { describe, expect, test } from "bun:test";
import type { BackendName } from "../../../../src/catalog/choose-quirks.ts";
import { writeRequest } from "../../../../src/upstream/openai-chat/request/write-request.ts";
import type { ChatRequest } from "../../../../src/upstream/openai-chat/wire.ts";
import { planFor } from "../../../support/plans.ts";
import { ask } from "../../../support/proxy.ts";

type Row = readonly [backend: BackendName, model?: string];

function write(body: Record<string, unknown>, [backend, model = "m"]: Row): ChatRequest {
  return JSON.parse(writeRequest(planFor(ask(body), { backend, model })).body);
}

const title = ([backend, model]: Row) => (model === undefined ? backend : `${backend} ${model}`);
const tool = (name: string, more: object = {}) => ({ name, input_schema: { type: "object" }, ...more });
const tools = [tool("A"), tool("B")];
const user = (content: unknown) => ({ role: "user", content });
const assistant = (content: unknown) => ({ role: "assistant", content });
const schema = {
  type: "object",
  properties: { title: { type: "string" } },
  required: ["title"],
  additionalProperties: false,
};
const reminder = (words: string) => `<system-reminder>\n${words}\n</system-reminder>`;

describe("a required tool call", () => {
  const named = { type: "function", function: { name: "A" } };
  const rows: [Row, any: unknown, tool: unknown][] = [
    [["openrouter"], "required", named],
    [["openai", "gpt-4.1"], "required", named],
    [["azure"], "required", named],
    [["xai"], "required", named],
    [["deepseek"], "required", named],
    [["gemini"], "required", named],
    [["mistral"], "any", named],
    [["groq"], "required", named],
    [["vllm"], "required", named],
    [["llamacpp"], "required", "required"],
    [["lmstudio"], "required", "required"],
    [["moonshot", "kimi-k2.6"], "required", named],
    [["generic"], "required", named],
    // In words alone
    [["moonshot", "kimi-k3"], "auto", "auto"],
    [["zai"], "auto", "auto"],
    [["qwen"], "auto", named],
    [["ollama"], undefined, undefined],
    [["minimax"], undefined, undefined],
  ];
  test.each(rows.map(([row, any, one]) => [title(row), row, any, one] as const))("%s", (_, row, any, one) => {
    const anyTool = write({ tools, tool_choice: { type: "any" } }, row);
    expect(anyTool.tool_choice).toEqual(any as typeof anyTool.tool_choice);
    expect(anyTool.tools).toHaveLength(2);
    const isAsked = (choice: unknown) => choice === "auto" || choice === undefined;
    const lastWords = ({ messages }: ChatRequest) => JSON.stringify(messages.at(-1)?.content);
    expect(lastWords(anyTool).includes("Call one of the tools now")).toBe(isAsked(any));

    const oneTool = write({ tools, tool_choice: { type: "tool", name: "A" } }, row);
    expect(oneTool.tool_choice).toEqual(one as typeof oneTool.tool_choice);
    expect(oneTool.tools).toHaveLength(one === "required" ? 1 : 2);
    expect(lastWords(oneTool).includes("Call the tool A now")).toBe(isAsked(one));
  });

  test("where reasoning excludes forced calls, a call is forced without reasoning or requested in the prompt", () => {
    const tool_choice = { type: "any" };
    for (const row of [["deepseek"], ["moonshot", "kimi-k2.6"]] as const) {
      expect(write({ tools, tool_choice }, row)).toMatchObject({
        thinking: { type: "disabled" },
        tool_choice: "required",
      });
      const reasons = write({ tools, tool_choice, thinking: { type: "adaptive" } }, row);
      expect(reasons).toMatchObject({ thinking: { type: "enabled" }, tool_choice: "auto" });
      expect(reasons.messages.at(-1)?.content).toContain("Call one of the tools now");
    }
    expect(write({ tools, tool_choice: { type: "tool", name: "A" } }, ["qwen"])).toMatchObject({
      enable_thinking: false,
    });
  });

  test("the request joins the last tool result, and a prefill stays last", () => {
    const messages = [
      user("a"),
      assistant([{ type: "tool_use", id: "t1", name: "A", input: {} }]),
      user([{ type: "tool_result", tool_use_id: "t1", content: "x" }]),
    ];
    const tool_choice = { type: "any" };
    expect(write({ tools, tool_choice, messages }, ["zai"]).messages.at(-1)).toMatchObject({
      role: "tool",
      content: `x\n\n${reminder("Call one of the tools now")}`,
    });
    expect(write({ tools, tool_choice }, ["zai"]).messages.at(-1)).toEqual({
      role: "user",
      content: `Hello\n\n${reminder("Call one of the tools now")}`,
    });
    const begun = write({ tools, tool_choice, messages: [user("a"), assistant("Sure")] }, ["zai"]);
    expect(begun.messages.at(-1)).toMatchObject({ role: "assistant", content: "Sure" });
  });

  test("tool_choice none is sent, or the tools are left out", () => {
    for (const backend of ["ollama", "llamacpp", "zai", "minimax"] as const)
      expect(write({ tools, tool_choice: { type: "none" } }, [backend])).not.toHaveProperty("tools");
    for (const backend of ["openai", "vllm", "moonshot", "qwen", "generic"] as const)
      expect(write({ tools, tool_choice: { type: "none" } }, [backend])).toMatchObject({
        tool_choice: "none",
      });
  });
});

test("OpenAI's newest models refuse reasoning with tools, sampling and stop sequences", () => {
  const chat = write({ tools, temperature: 1, top_p: 1, stop_sequences: ["x"] }, ["openai", "gpt-5.6"]);
  expect(chat.reasoning_effort).toBe("none");
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
    expect(write(given, row)).toMatchObject(expected);
  });

  test("Kimi does not take sampling parameters", () => {
    const chat = write({ temperature: 0.3, top_p: 0.9 }, ["moonshot", "kimi-k2.6"]);
    expect(chat).not.toHaveProperty("temperature");
    expect(chat).not.toHaveProperty("top_p");
  });

  test.each<[BackendName, number]>([
    ["generic", 4],
    ["deepseek", 16],
    ["vllm", 20],
    ["llamacpp", 20],
    ["zai", 1],
  ])("%s takes %d stop sequences of 20", (backend, count) => {
    const stop_sequences = Array.from({ length: 20 }, (_, at) => `stop${at}`);
    expect(write({ stop_sequences }, [backend]).stop).toEqual(stop_sequences.slice(0, count));
  });
});

describe("a JSON answer", () => {
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
  test.each(rows.map((row) => [title(row[0]), ...row] as const))("%s", (_, row, kind, withTools) => {
    const alone = write(asked, row);
    expect(alone.response_format?.type).toBe(kind as "json_object");
    expect(JSON.stringify(alone.messages).includes("JSON schema")).toBe(kind !== "json_schema");
    const beside = write({ ...asked, tools }, row);
    expect(beside.response_format?.type).toBe(withTools as "json_object");
    expect(JSON.stringify(beside.messages).includes("JSON schema")).toBe(withTools !== "json_schema");
  });
});

describe("tools", () => {
  const branched = {
    anyOf: [{ properties: { a: { type: ["string", "null"] } }, additionalProperties: false }],
  };
  const parametersFor = (row: Row) =>
    write({ tools: [{ name: "T", input_schema: branched }] }, row).tools?.[0]?.function.parameters;

  test("schemas have the form that the backend takes", () => {
    const merged = { type: "object", properties: { a: { type: ["string", "null"] } } };
    expect(parametersFor(["openai"])).toEqual(merged);
    expect(parametersFor(["openrouter"])).toEqual(merged);
    expect(parametersFor(["moonshot"])).toEqual(merged);
    expect(parametersFor(["gemini"])).toEqual({
      type: "object",
      properties: { a: { type: "string", nullable: true } },
    });
    expect(parametersFor(["vllm"])).toEqual({ ...branched, type: "object", properties: {} });
  });

  test("strict is sent only for a strict schema", () => {
    const strict = (input_schema: object, row: Row) =>
      write({ tools: [{ name: "T", input_schema, strict: true }] }, row).tools?.[0]?.function.strict;
    expect(strict(schema, ["openai"])).toBe(true);
    expect(strict({ ...schema, required: [] }, ["openai"])).toBeUndefined();
    expect(strict(schema, ["moonshot"])).toBeUndefined();
  });

  test("tools over the limit are left out with a note", () => {
    const many = Array.from({ length: 130 }, (_, at) => tool(`mcp__s__t${at}`));
    const written = writeRequest(
      planFor(ask({ tools: [...many, tool("Read")] }), { backend: "openai", model: "gpt-4.1" }),
    );
    const names = (JSON.parse(written.body) as ChatRequest).tools?.map((one) => one.function.name) ?? [];
    expect([names.length, names.at(-1), names.includes("mcp__s__t127")]).toEqual([128, "Read", false]);
    expect(written.notes).toEqual(["left out 3 of 131 tools: the backend takes 128"]);
    expect(write({ tools: many }, ["vllm"]).tools).toHaveLength(130);
  });

  test("a tool that was called, found by a search or is required now is kept", () => {
    const many = Array.from({ length: 140 }, (_, at) => tool(`mcp__s__t${at}`));
    const messages = [
      user("a"),
      assistant([{ type: "tool_use", id: "t1", name: "mcp__s__t139", input: {} }]),
      user([
        {
          type: "tool_result",
          tool_use_id: "t1",
          content: [{ type: "tool_reference", tool_name: "mcp__s__t138" }],
        },
      ]),
    ];
    const tool_choice = { type: "tool", name: "mcp__s__t137" };
    const names = write({ tools: many, messages, tool_choice }, ["azure"]).tools?.map(
      (one) => one.function.name,
    );
    expect(names).toHaveLength(128);
    expect(names?.slice(-4)).toEqual(["mcp__s__t124", "mcp__s__t137", "mcp__s__t138", "mcp__s__t139"]);
  });

  test("extra fields are sent with tools", () => {
    expect(write({ tools }, ["zai", "glm-4.7"])).toMatchObject({ tool_stream: true });
    expect(write({}, ["zai", "glm-4.7"])).not.toHaveProperty("tool_stream");
    expect(write({ tools }, ["zai", "glm-4.5"])).not.toHaveProperty("tool_stream");
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
      expect(write({ speed: "fast" }, [backend])).toMatchObject({ service_tier: "priority" });
      expect(write({ service_tier: "standard_only" }, [backend])).toMatchObject({ service_tier: "default" });
      expect(write({ service_tier: "auto", speed: "standard" }, [backend])).not.toHaveProperty(
        "service_tier",
      );
    }
    for (const backend of ["groq", "mistral", "generic"] as const)
      expect(write({ speed: "fast" }, [backend])).not.toHaveProperty("service_tier");
  });

  test("fallback models are sent under the backend's names, each once", () => {
    expect(write({ fallbacks }, ["openrouter", "a/main"]).models).toEqual([
      "a/main",
      "middle-model",
      "small-model",
    ]);
    expect(write({ fallbacks: "default" }, ["openrouter"])).not.toHaveProperty("models");
    expect(write({ fallbacks }, ["openai"])).not.toHaveProperty("models");
  });
});

describe("a prefill", () => {
  const messages = [user("a"), assistant("Sure")];
  test.each<[BackendName, object]>([
    ["mistral", { messages: [{}, { role: "assistant", content: "Sure", prefix: true }] }],
    ["moonshot", { messages: [{}, { role: "assistant", content: "Sure", partial: true }] }],
    ["vllm", { continue_final_message: true, add_generation_prompt: false }],
  ])("%s", (backend, expected) => {
    expect(write({ messages }, [backend])).toMatchObject(expected);
    const chat = JSON.stringify(write({}, [backend]));
    expect(chat).not.toMatch(/prefix|partial|continue_final_message/);
  });

  test("is an ordinary message elsewhere", () => {
    for (const backend of ["openrouter", "llamacpp", "generic"] as const)
      expect(write({ messages }, [backend]).messages.at(-1)).toEqual({ role: "assistant", content: "Sure" });
  });
});

test("PDFs become a file, Mistral's document, or a note where nobody has read them", () => {
  const source = { type: "base64", media_type: "application/pdf", data: "JVBERi0=" };
  const messages = [user([{ type: "document", source, title: "a" }])];
  const data = "data:application/pdf;base64,JVBERi0=";
  for (const backend of ["openai", "openrouter", "gemini"] as const)
    expect(write({ messages }, [backend]).messages[0]?.content).toEqual([
      { type: "file", file: { filename: "a.pdf", file_data: data } },
    ]);
  expect(write({ messages }, ["mistral"]).messages[0]?.content).toEqual([
    { type: "document_url", document_url: data },
  ]);
  expect(write({ messages }, ["groq"]).messages[0]?.content).toContain("left out");
});

test("images by URL, where the backend takes only data", () => {
  const messages = [user([{ type: "image", source: { type: "url", url: "https://a.example/b.png" } }])];
  for (const backend of ["ollama", "lmstudio", "moonshot"] as const)
    expect(() => write({ messages }, [backend])).toThrow("Could not process image");
});
