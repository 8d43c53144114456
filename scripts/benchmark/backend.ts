/** A fake backend on a free port, whose address it prints. What it answers is the name of the model. */
import { burstChunks, pacedChunks } from "./workloads.ts";

const utf8 = new TextEncoder();
const sse = { "content-type": "text/event-stream" };

const encode = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: "chatcmpl-bench", object: "chat.completion.chunk", created: 1, model: "bench", system_fingerprint: "fp_bench", choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] })}\n\n`;
const usage = { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18 };
const end = (finish: string) =>
  `${encode({}, finish)}data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`;

const word = (i: number) => encode({ content: `word ${i} "é" ` });
const piece = (i: number) =>
  encode({ tool_calls: [{ index: 0, function: { arguments: ` "k${i}": "v",` } }] });
const callStart = encode({
  tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "Read", arguments: "{" } }],
});
const callEnd = encode({ tool_calls: [{ index: 0, function: { arguments: ' "end": 1}' } }] });

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const text = utf8.encode(numbers(burstChunks).map(word).join("") + end("stop"));
const tools = utf8.encode(
  callStart +
    numbers(burstChunks - 2)
      .map(piece)
      .join("") +
    callEnd +
    end("tool_calls"),
);
const message = {
  id: "chatcmpl-bench",
  object: "chat.completion",
  created: 1,
  model: "bench",
  choices: [
    { index: 0, message: { role: "assistant", content: "word ".repeat(100) }, finish_reason: "stop" },
  ],
  usage,
};

async function* pace(): AsyncGenerator<Uint8Array> {
  for (const i of numbers(pacedChunks)) {
    yield utf8.encode(word(i));
    await Bun.sleep(20);
  }
  yield utf8.encode(end("stop"));
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  async fetch(request) {
    if (!request.url.endsWith("/chat/completions")) return Response.json({ data: [] });
    const body = await request.text();
    const { model, stream } = JSON.parse(body);
    if (!stream) return Response.json(message);
    if (model === "paced") return new Response(pace(), { headers: sse });
    return new Response(model === "tools" ? tools : text, { headers: sse });
  },
});
console.log(server.url.origin);
