/** The least that a proxy can do: copy bytes. Prints its address. */
const upstream = process.env.BACKEND ?? "";

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT ?? 0),
  idleTimeout: 0,
  async fetch(request) {
    if (request.method === "GET") return new Response("ok");
    const url = `${upstream}/chat/completions`;
    const answer = await fetch(url, { method: "POST", body: await request.bytes(), signal: request.signal });
    return new Response(answer.body, {
      headers: { "content-type": answer.headers.get("content-type") ?? "" },
    });
  },
});
console.log(server.url.origin);
