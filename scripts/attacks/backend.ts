/** A hostile backend, a process of its own: the model that it is asked for says what it does. */
const utf8 = new TextEncoder();
const chunk = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const end = `${chunk({}, "stop")}data: [DONE]\n\n`;
const sse = { "content-type": "text/event-stream" };

/** What it sends, as pieces; each is made when the proxy takes it. */
const streams: Readonly<Record<string, () => Generator<string>>> = {
  *flood() {
    const block = chunk({ content: "word ".repeat(200) }).repeat(60);
    for (let sent = 0; sent < 100e6; sent += block.length) yield block;
    yield end;
  },
  *"endless-line"() {
    yield "data: ";
    for (;;) yield "x".repeat(256 * 1024);
  },
  *"endless-event"() {
    for (;;) yield "data: x\n".repeat(32 * 1024);
  },
  *newlines() {
    yield chunk({ content: "```json\n" });
    for (let i = 0; i < 400; i++) yield chunk({ content: "\n" }).repeat(250);
    yield chunk({ content: '{"a":1}\n```' }) + end;
  },
  *"many-calls"() {
    const call = (index: number) => ({
      index,
      id: `call_${index}`,
      function: { name: "f", arguments: "{}" },
    });
    for (let at = 0; at < 74_000; at += 1000)
      yield chunk({ tool_calls: Array.from({ length: 1000 }, (_, i) => call(at + i)) });
    yield end;
  },
  *"deep-arguments"() {
    const json = `{"a":${"[".repeat(50_000)}`;
    yield chunk({ tool_calls: [{ index: 0, id: "call_1", function: { name: "f", arguments: json } }] }) + end;
  },
  *"deep-chunk"() {
    yield `data: {"choices":${"[".repeat(8_000_000)}\n\n${end}`;
  },
  *answer() {
    yield chunk({ content: "Hello" }) + end;
  },
};

const spaces = Bun.gzipSync(Buffer.alloc(700_000_000, " "));

function play(pieces: Generator<string>): Response {
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { value, done } = pieces.next();
      if (done) controller.close();
      else controller.enqueue(utf8.encode(value));
    },
  });
  return new Response(body, { headers: sse });
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  maxRequestBodySize: 1e9,
  async fetch(request) {
    if (!request.url.endsWith("/chat/completions")) return Response.json({ data: [] });
    const model = /"model":"([\w-]+)"/.exec(await request.text())?.[1] ?? "";
    if (model === "gzip-bomb")
      return new Response(spaces, { headers: { ...sse, "content-encoding": "gzip" } });
    const stream = streams[model] ?? streams.answer;
    return stream ? play(stream()) : new Response(null, { status: 404 });
  },
});
console.log(server.url.origin);
