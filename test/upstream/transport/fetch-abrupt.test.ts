import { afterEach, describe, expect, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { readErrorCode } from "../../../src/lib/read-error-code.ts";
import { fetchAbrupt } from "../../../src/upstream/transport/fetch-abrupt.ts";
import { createSender, type SendRequest } from "../../../src/upstream/transport/send.ts";

let server: Server | undefined;
afterEach(() => void server?.close());

/** Answers every request with these bytes, and closes the connection. */
async function listen(answer: string): Promise<string> {
  const open = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answer));
  });
  server = open;
  await new Promise<void>((resolve) => {
    open.listen(0, "127.0.0.1", resolve);
  });
  const address = open.address();
  return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/`;
}

const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
const withoutEnd = `${head}5\r\nHello\r\n`;
const whole = `${withoutEnd}0\r\n\r\n`;

const ask = (url: string, signal = new AbortController().signal) =>
  fetchAbrupt(url, { method: "POST", headers: { "content-type": "application/json" }, body: "{}", signal });

describe("fetchAbrupt", () => {
  test("gives what was received before the connection was closed", async () => {
    const response = await ask(await listen(withoutEnd));
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? "").toString()).toBe("Hello");
    const failure = await reader?.read().catch((error: unknown) => error);
    expect(readErrorCode(failure)).toBe("ECONNRESET");
  });

  test("gives a whole answer as it is", async () => {
    expect(await (await ask(await listen(whole))).text()).toBe("Hello");
  });

  test("follows no redirect", async () => {
    const url = await listen(
      "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
    );
    await expect(ask(url)).rejects.toMatchObject({ code: "UnexpectedRedirect" });
  });

  test("ends with its signal", async () => {
    const leave = new AbortController();
    const response = await ask(await listen(withoutEnd.slice(0, -4)), leave.signal);
    leave.abort();
    await expect(response.text()).rejects.toBeInstanceOf(Error);
  });
});

test("a backend that closed without an end is read to the last byte from then on", async () => {
  const request: SendRequest = {
    method: "POST",
    url: await listen(withoutEnd),
    headers: {},
    body: "{}",
    silenceMs: 5000,
    signal: new AbortController().signal,
  };
  const sender = createSender(2);
  const receive = async () => {
    let text = "";
    const answer = await sender.send(request);
    try {
      for (let bytes = await answer.read(); bytes; bytes = await answer.read())
        text += Buffer.from(bytes).toString();
    } catch {
      // The connection is closed in any case.
    }
    return text;
  };
  // What the first one gets depends on how fast Bun's fetch is.
  await receive();
  for (let i = 0; i < 10; i++) expect(await receive()).toBe("Hello");
});
