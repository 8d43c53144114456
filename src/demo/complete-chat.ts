/** `POST /chat/completions`: a canned answer, in one piece or as a stream. */
import { answerChat, type DemoAnswer } from "./answer-chat.ts";
import { countPrompt, countWords } from "./count-usage.ts";
import { refuseRequest } from "./refuse-request.ts";
import { chatRequest, type DemoRequest } from "./wire.ts";

/** Pause between two chunks of a stream, ms: slow enough to watch, short enough to wait for. */
const pauseMs = 15;

export async function completeChat(request: Request): Promise<Response> {
  const body: unknown = await request.json().catch(() => undefined);
  const read = chatRequest.safeParse(body);
  if (!read.success) return refuseRequest(400, "The request is not a chat completion request");
  return read.data.stream ? streamAnswer(read.data) : Response.json(writeCompletion(read.data));
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
