/** The least that a streaming proxy can be: what the memory of ours is compared with. */
const [backend = ""] = process.argv.slice(2);
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  async fetch(request) {
    if (!request.url.endsWith("/messages")) return new Response("ok");
    const body = await request.text();
    const answer = await fetch(`${backend}/v1/chat/completions`, { method: "POST", body });
    const reader = answer.body?.getReader();
    const copy = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const part = await reader?.read();
        if (!part || part.done) controller.close();
        else controller.enqueue(part.value);
      },
      cancel: () => reader?.cancel(),
    });
    return new Response(copy, { headers: { "content-type": "text/event-stream" } });
  },
});
console.log(server.url.origin);
