import { afterAll, describe, expect, test } from "bun:test";
import { readBody } from "../../src/anthropic/read-body.ts";
import { ProxyError } from "../../src/errors.ts";
import { createBudget } from "../../src/lib/budget.ts";

const plenty = () => createBudget(1_000_000).open();
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("the size of a body", () => {
  const limit = 1000;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      try {
        const { bytes } = await readBody(request, plenty(), { withinMs: 60_000, limitBytes: limit });
        return new Response(textOf(bytes));
      } catch (thrown) {
        if (thrown instanceof ProxyError) return new Response(`${thrown.kind}: ${thrown.message}`);
        throw thrown;
      }
    },
  });
  afterAll(() => server.stop(true));

  const send = async (body: RequestInit["body"]) =>
    (await fetch(server.url, { method: "POST", body: body ?? null })).text();
  const chunked = (...parts: string[]) =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
        controller.close();
      },
    });

  const tooLarge = "request-too-large: Request too large: the body may have at most 1000 bytes";
  const rows: [name: string, body: () => RequestInit["body"], expected: string][] = [
    ["known and within the limit", () => "é".repeat(500), "é".repeat(500)],
    ["known and over the limit", () => "é".repeat(501), tooLarge],
    ["none", () => null, ""],
    [
      "unknown and within the limit",
      () => chunked("a".repeat(500), "é".repeat(250)),
      `${"a".repeat(500)}${"é".repeat(250)}`,
    ],
    ["unknown and over the limit", () => chunked("a".repeat(500), "é".repeat(251)), tooLarge],
  ];
  for (const [name, body, expected] of rows) {
    test(name, async () => expect(await send(body())).toBe(expected));
  }

  test("a character split between two chunks stays whole", async () => {
    const bytes = new TextEncoder().encode("aé");
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(0, 2));
        controller.enqueue(bytes.slice(2));
        controller.close();
      },
    });
    const request = new Request("http://x", { method: "POST", body });
    expect(textOf((await readBody(request, plenty(), { withinMs: 60_000, limitBytes: limit })).bytes)).toBe(
      "aé",
    );
  });

  test("the default limit is the API's 32 MB", async () => {
    const request = new Request("http://x", {
      method: "POST",
      body: "{}",
      headers: { "content-length": String(32 * 1024 * 1024 + 1) },
    });
    await expect(readBody(request, plenty(), { withinMs: 60_000 })).rejects.toThrow(
      "Request too large: the body may have at most 32 MB",
    );
  });
});

describe("a long body", () => {
  let heard = Promise.withResolvers<string>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const memory = createBudget(10_000_000).open();
      const reading = readBody(request, memory, { withinMs: 60_000 });
      const words = await reading.then(
        ({ bytes }) => textOf(bytes),
        (thrown: unknown) => (thrown instanceof ProxyError ? thrown.message : String(thrown)),
      );
      heard.resolve(words);
      return new Response(words);
    },
  });
  afterAll(() => server.stop(true));
  const long = Array.from({ length: 300_000 }, (_, i) => `${i} é`).join();

  test("is read as it was sent", async () => {
    const response = await fetch(server.url, { method: "POST", body: long });
    expect((await response.text()) === long).toBe(true);
  });

  test("that ends early is no body", async () => {
    heard = Promise.withResolvers();
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port: server.port ?? 0,
      socket: { data() {} },
    });
    const head = `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${long.length}\r\n\r\n`;
    socket.write(head + long.slice(0, 300_000));
    socket.end();
    expect(await heard.promise).toBe("Cannot read the body: the connection ended before all of it arrived");
  });
});

describe("the memory for all bodies", () => {
  const request = (body: string | ReadableStream<Uint8Array>) =>
    new Request("http://x", {
      method: "POST",
      body,
      ...(typeof body === "string" && { headers: { "content-length": String(body.length) } }),
    });
  const streamed = () => new Blob(["y".repeat(600)]).stream();

  for (const [name, body] of [
    ["of a known length", () => "y".repeat(600)],
    ["of an unknown length", streamed],
  ] as const) {
    test(`is taken by a body ${name}, and given back by its owner`, async () => {
      const budget = createBudget(1000);
      const first = budget.open();
      await readBody(request(body()), first, { withinMs: 60_000 });
      await expect(readBody(request(body()), budget.open(), { withinMs: 60_000 })).rejects.toMatchObject({
        kind: "overloaded",
        message: "Cannot read the body: the requests in progress take all of MAX_BODY_MEMORY; try again soon",
        retryAfter: 1,
      });
      first.close();
      const { bytes } = await readBody(request(body()), budget.open(), { withinMs: 60_000 });
      expect(textOf(bytes)).toHaveLength(600);
    });
  }
});
test.each([{ "content-length": "5" }, {}])(
  "a body that does not end in time is refused, with %j",
  async (headers) => {
    const body = new ReadableStream<Uint8Array>({ start: (part) => part.enqueue(new Uint8Array(1)) });
    const request = new Request("http://x", { method: "POST", body, headers });
    await expect(readBody(request, plenty(), { withinMs: 1 })).rejects.toThrow(
      "it did not arrive within 1 s",
    );
  },
);
