import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { type DemoBackend, startDemoBackend } from "../../src/demo/backend.ts";

let backend: DemoBackend;
let client: OpenAI;

beforeAll(() => {
  backend = startDemoBackend();
  client = new OpenAI({ baseURL: backend.url, apiKey: "demo", maxRetries: 0 });
});
afterAll(() => backend.stop());

type Message = OpenAI.ChatCompletionMessageParam;
type Tool = OpenAI.ChatCompletionFunctionTool;

const hello: Message = { role: "user", content: "Hello there" };

const tool = (name: string, ...required: string[]): Tool => ({
  type: "function",
  function: {
    name,
    parameters: {
      type: "object",
      properties: Object.fromEntries(required.map((key) => [key, { type: "string" }])),
      required,
    },
  },
});

async function ask(messages: Message[], tools?: Tool[]) {
  const completion = await client.chat.completions.create({
    model: "any",
    messages,
    ...(tools && { tools }),
  });
  const choice = completion.choices[0];
  if (!choice) throw new Error("Ask the demo backend: it gave no choice");
  return { ...choice, calls: choice.message.tool_calls ?? [] };
}

test("lists a model for each tier, with its window", async () => {
  const models = await client.models.list();
  expect(models.data.map(({ id }) => id)).toEqual(["demo-big", "demo-middle", "demo-small"]);
  for (const model of models.data) expect(model).toMatchObject({ context_length: 200_000 });
});

describe("without stream", () => {
  test("answers in text that says what it is and repeats the question", async () => {
    const { message, finish_reason } = await ask([hello]);
    expect(message.content).toContain("demo backend");
    expect(message.content).toContain("“Hello there”");
    expect(message).toHaveProperty("reasoning_content");
    expect(finish_reason).toBe("stop");
  });

  test("calls an offered tool once, then repeats its result", async () => {
    const tools = [tool("Write", "path"), tool("Read", "file_path")];
    const { message, calls, finish_reason } = await ask([hello], tools);
    expect(finish_reason).toBe("tool_calls");
    expect(calls).toHaveLength(1);
    const [call] = calls;
    if (call?.type !== "function") throw new Error("Ask the demo backend: it called no function");
    expect(call.function).toEqual({ name: "Read", arguments: '{"file_path":"README.md"}' });
    const result: Message = { role: "tool", tool_call_id: call.id, content: "the file" };
    const last = await ask([hello, message, result], tools);
    expect(last.finish_reason).toBe("stop");
    expect(last.message.content).toContain("“the file”");
    // Images of a tool result are in a user message after it.
    const picture = await ask([hello, message, result, { role: "user", content: "[image]" }], tools);
    expect(picture.calls).toHaveLength(0);
  });
});

describe("stream", () => {
  test("reasoning, text, a call, usage, in this order", async () => {
    const stream = await client.chat.completions.create({
      model: "any",
      messages: [hello],
      tools: [tool("Read", "file_path")],
      stream: true,
      stream_options: { include_usage: true },
    });
    const seen: string[] = [];
    let args = "";
    for await (const chunk of stream) {
      const delta = chunk.choices[0]?.delta;
      if (delta && "reasoning_content" in delta) seen.push("reasoning");
      if (delta?.content) seen.push("text");
      for (const call of delta?.tool_calls ?? []) {
        seen.push("call");
        args += call.function?.arguments ?? "";
      }
      if (chunk.choices[0]?.finish_reason) seen.push(chunk.choices[0].finish_reason);
      if (chunk.usage) seen.push(`usage ${chunk.usage.total_tokens > 0}`);
    }
    const order = seen.filter((what, index) => what !== seen[index - 1]);
    expect(order).toEqual(["reasoning", "text", "call", "tool_calls", "usage true"]);
    expect(args).toBe('{"file_path":"README.md"}');
  });

  test("usage comes only when asked for, and [DONE] at the end", async () => {
    const response = await fetch(`${backend.url}/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "any", messages: [hello], stream: true }),
    });
    const text = await response.text();
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(text).not.toContain('"usage"');
    expect(text).toEndWith("data: [DONE]\n\n");
  });
});

describe("errors", () => {
  test.each(["", "{", '{"model":"a"}', '{"model":"a","messages":[]}'])("body %j is a 400", async (body) => {
    const response = await fetch(`${backend.url}/chat/completions`, { method: "POST", body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error" } });
  });

  test("another path is a 404", async () => {
    expect((await fetch(`${backend.url}/embeddings`, { method: "POST", body: "{}" })).status).toBe(404);
  });
});
