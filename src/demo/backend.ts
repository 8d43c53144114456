/**
 * Room `demo/`: a miniature OpenAI-compatible server. Not here: any import from the rest of the program, because it
 * plays somebody else's server.
 *
 * It listens on loopback, so that everything can be tried without an account. Its answers are canned and say so. Only
 * `commands/` starts it.
 */
import { answerChat, type DemoAnswer } from "./answer-chat.ts";
import { countPrompt, countWords } from "./count-usage.ts";
import { chatRequest, type DemoRequest } from "./wire.ts";

export type DemoBackend = {
  /** The base URL, which ends in `/v1`. */
  readonly url: string;
  /** One for each tier. */
  readonly models: typeof models;
  /** Aborts the requests in progress. */
  stop(): void;
};

const models = { big: "demo-big", middle: "demo-middle", small: "demo-small" } as const;

/** Pause between two chunks of a stream, ms: slow enough to watch, short enough to wait for. */
const pauseMs = 15;

export function startDemoBackend(): DemoBackend {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    development: false,
    fetch: answerRequest,
    error: () => refuse(500, "The demo backend failed"),
  });
  return { url: `http://127.0.0.1:${server.port}/v1`, models, stop: () => void server.stop(true) };
}

async function answerRequest(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const route = `${request.method} ${pathname}`;
  if (route === "GET /v1/models") {
    const shared = { object: "model", created: 0, owned_by: "demo", context_length: 200_000 };
    return Response.json({ object: "list", data: Object.values(models).map((id) => ({ id, ...shared })) });
  }
  if (route !== "POST /v1/chat/completions") return refuse(404, `There is no ${route} here`);
  const body: unknown = await request.json().catch(() => undefined);
  const read = chatRequest.safeParse(body);
  if (!read.success) return refuse(400, "The request is not a chat completion request");
  return read.data.stream ? streamAnswer(read.data) : Response.json(writeCompletion(read.data));
}

function refuse(status: number, message: string): Response {
  return Response.json({ error: { message, type: "invalid_request_error", code: null } }, { status });
}

/** The fields that a completion and each of its chunks share. */
function envelope(model: string, object: string) {
  return {
    id: `chatcmpl-demo-${crypto.randomUUID()}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model,
  };
}

/** Source: OpenAI API reference, "The chat completion object". */
function writeCompletion(request: DemoRequest): object {
  const answer = answerChat(request);
  const calls = answer.call && { tool_calls: [toolCall(answer.call, answer.call.arguments)] };
  const message = { role: "assistant", content: answer.text, reasoning_content: answer.reasoning, ...calls };
  return {
    ...envelope(request.model, "chat.completion"),
    choices: [{ index: 0, message, finish_reason: finishReason(answer) }],
    usage: countUsage(request, answer),
  };
}

/** Source: OpenAI API reference, "The chat completion chunk object". */
function streamAnswer(request: DemoRequest): Response {
  const answer = answerChat(request);
  const shared = envelope(request.model, "chat.completion.chunk");
  async function* frames(): AsyncGenerator<string> {
    for (const delta of deltas(answer)) {
      yield frame({ ...shared, choices: [{ index: 0, delta, finish_reason: null }] });
      await Bun.sleep(pauseMs);
    }
    yield frame({ ...shared, choices: [{ index: 0, delta: {}, finish_reason: finishReason(answer) }] });
    if (request.stream_options?.include_usage)
      yield frame({ ...shared, choices: [], usage: countUsage(request, answer) });
    yield "data: [DONE]\n\n";
  }
  return new Response(frames(), {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache" },
  });
}

function frame(chunk: object): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

function* deltas({ reasoning, text, call }: DemoAnswer): Generator<object> {
  yield { role: "assistant", content: "" };
  for (const piece of pieces(reasoning)) yield { reasoning_content: piece };
  for (const piece of pieces(text)) yield { content: piece };
  if (!call) return;
  yield { tool_calls: [{ index: 0, ...toolCall(call, "") }] };
  for (const piece of call.arguments.match(/.{1,8}/gsu) ?? [])
    yield { tool_calls: [{ index: 0, function: { arguments: piece } }] };
}

/** Splits a text after every third word. */
function pieces(text: string): string[] {
  return text.match(/(\S+\s*){1,3}/g) ?? [];
}

function toolCall(call: NonNullable<DemoAnswer["call"]>, args: string) {
  const id = `call_${crypto.randomUUID().replaceAll("-", "").slice(0, 24)}`;
  return { id, type: "function", function: { name: call.name, arguments: args } };
}

function finishReason(answer: DemoAnswer): string {
  return answer.call ? "tool_calls" : "stop";
}

function countUsage(request: DemoRequest, answer: DemoAnswer): object {
  const prompt = countPrompt(request);
  const reasoning = countWords(answer.reasoning);
  const completion = reasoning + countWords(answer.text + (answer.call?.arguments ?? ""));
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}
