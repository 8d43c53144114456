/**
 * The least that a translating proxy can do: it parses what passes and writes it in the other format, and nothing
 * else. No checks, no errors, no other backend. Prints its address.
 */
const upstream = process.env.BACKEND ?? "";
const utf8 = new TextEncoder();

const event = (type: string, fields: object) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

function translateChunk(text: string, state: { block: string; index: number }): string {
  const { choices } = JSON.parse(text);
  const { delta, finish_reason } = choices[0] ?? {};
  if (!delta) return "";
  const call = delta.tool_calls?.[0];
  const kind = call ? "tool_use" : "text";
  let out = "";
  if ((delta.content || call) && state.block !== kind) {
    if (state.block) out += event("content_block_stop", { index: state.index });
    state.block = kind;
    state.index += 1;
    const content_block = call
      ? { type: kind, id: call.id, name: call.function.name, input: {} }
      : { type: kind, text: "" };
    out += event("content_block_start", { index: state.index, content_block });
  }
  if (delta.content)
    out += event("content_block_delta", {
      index: state.index,
      delta: { type: "text_delta", text: delta.content },
    });
  if (call)
    out += event("content_block_delta", {
      index: state.index,
      delta: { type: "input_json_delta", partial_json: call.function.arguments },
    });
  if (!finish_reason) return out;
  out += event("content_block_stop", { index: state.index });
  const stop_reason = finish_reason === "tool_calls" ? "tool_use" : "end_turn";
  return (
    out +
    event("message_delta", { delta: { stop_reason }, usage: { output_tokens: 9 } }) +
    event("message_stop", {})
  );
}

function translate(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const state = { block: "", index: -1 };
  let rest = "";
  let begin = event("message_start", {
    message: { id: "msg_1", type: "message", role: "assistant", content: [], usage: {} },
  });
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      let out = begin;
      begin = "";
      for (const line of lines) if (line.startsWith("data: {")) out += translateChunk(line.slice(6), state);
      controller.enqueue(utf8.encode(out));
    },
  });
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT ?? 0),
  idleTimeout: 0,
  async fetch(request) {
    if (request.method === "GET") return new Response("ok");
    const { model, max_tokens, stream, system, messages } = JSON.parse(await request.text());
    const body = JSON.stringify({
      model,
      max_tokens,
      stream,
      messages: [{ role: "system", content: system }, ...messages],
    });
    const answer = await fetch(`${upstream}/chat/completions`, {
      method: "POST",
      body,
      signal: request.signal,
    });
    if (stream && answer.body)
      return new Response(translate(answer.body), { headers: { "content-type": "text/event-stream" } });
    const { choices, usage } = JSON.parse(await answer.text());
    const content = [{ type: "text", text: choices[0].message.content }];
    return Response.json({
      id: "msg_1",
      type: "message",
      role: "assistant",
      content,
      stop_reason: "end_turn",
      usage,
    });
  },
});
console.log(server.url.origin);
