/** Requests that no HTTP library sends, as bytes on a socket. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { text } from "../support/fake-upstream.ts";
import { isBuilt } from "../support/program.ts";
import { ask, startProxy, type TestProxy } from "../support/proxy.ts";

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await startProxy(text("Hello"), { pace: { bodyWithin: 100 } });
});
afterAll(() => proxy.close());

const host = "Host: 127.0.0.1\r\n";
const body = JSON.stringify(ask());
const post = `POST /v1/messages HTTP/1.1\r\n${host}Content-Type: application/json\r\n`;
const sized = `${post}Content-Length: ${body.length}\r\n\r\n${body}`;
/** The last request of a connection. */
const last = `GET /health HTTP/1.1\r\n${host}Connection: close\r\n\r\n`;

/** Sends all bytes at once. @returns everything that comes until the server closes the connection */
function exchange(bytes: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let seen = "";
  const socket = connect(Number(new URL(proxy.url).port), "127.0.0.1", () => socket.write(bytes));
  socket.on("data", (data) => {
    seen += data;
  });
  socket.on("error", () => {});
  socket.on("close", () => resolve(seen));
  return promise;
}

const statuses = (answer: string) =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, code]) => Number(code));

describe("requests sent without waiting for answers", () => {
  test("a request that arrives while another is answered ends the connection, and reaches nothing", async () => {
    // Bun does not take requests in advance; it closes, so that no answer can be taken for another.
    expect(statuses(await exchange(sized + last))).toEqual([]);
  });

  test("a refused message does not swallow the request after it", async () => {
    const evil = sized.replace(host, "Host: evil.example\r\n");
    expect(statuses(await exchange(evil + last))).toEqual([403, 200]);
    expect(statuses(await exchange(sized.replace("application/json", "text/plain") + last))).toEqual([
      415, 200,
    ]);
    expect(statuses(await exchange(sized.replace("/messages", "/nothing") + last))).toEqual([404, 200]);
  });
});

test("a body that is too large is answered, and the connection closed: the rest is no request", async () => {
  const smuggled = `${post}Content-Length: ${33 << 20}\r\n\r\n${last}`;
  const answer = await exchange(smuggled);
  expect(statuses(answer)).toEqual([413]);
  expect(answer).toContain('"request_too_large"');
});

test.skipIf(isBuilt)("a body that comes too slowly is answered, and the connection closed", async () => {
  for (const framing of ["Content-Length: 100", "Transfer-Encoding: chunked"]) {
    const answer = await exchange(`${post}${framing}\r\n\r\n5\r\n{"mod`);
    expect(statuses(answer)).toEqual([408]);
    expect(answer).toContain('"timeout_error"');
  }
});

describe("the Host header decides, and there is only one", () => {
  test.each([
    ["two", `${host}Host: evil.example\r\n`],
    ["a list", "Host: 127.0.0.1, evil.example\r\n"],
    ["a user", "Host: 127.0.0.1@evil.example\r\n"],
    ["a name that begins alike", "Host: 127.0.0.1.evil.example\r\n"],
    ["a forwarded one", `Host: evil.example\r\nX-Forwarded-Host: 127.0.0.1\r\n`],
  ])("%s", async (_, lines) => {
    const answer = await exchange(`GET /v1/models HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`);
    expect(statuses(answer)[0]).toBeOneOf([400, 403]);
    expect(answer).not.toContain("claude-");
  });

  test("none, in HTTP/1.0", async () => {
    expect(statuses(await exchange("GET /v1/models HTTP/1.0\r\n\r\n"))).toEqual([403]);
  });
});

describe("a request line", () => {
  test("with CONNECT or TRACE reaches nothing", async () => {
    for (const line of ["CONNECT evil.example:443", "TRACE /v1/models", "TRACE /health"])
      expect(statuses(await exchange(`${line} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`))[0]).toBeOneOf([
        404, 405,
      ]);
  });

  test("with a whole URL is answered here, and never forwarded", async () => {
    const count = proxy.upstream.requests.length;
    const answer = await exchange(
      `GET http://evil.example/health HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
    );
    expect(answer).toContain('{"status":"ok"}');
    expect(
      statuses(
        await exchange(
          `GET http://127.0.0.1/health HTTP/1.1\r\nHost: evil.example\r\n${"Connection: close\r\n"}\r\n`,
        ),
      ),
    ).toEqual([403]);
    expect(proxy.upstream.requests.length).toBe(count);
  });

  test("that Bun cannot read is refused and the connection closed", async () => {
    for (const [line, code] of [
      ["GARBAGE", 400],
      [`GET /health HTTP/1.1\r\n${host}X: ${"a".repeat(20_000)}`, 431],
      [`GET /health HTTP/9.9\r\n${host}`.trimEnd(), 505],
      [`${post}Content-Length: +5`, 400],
      [`${post}Content-Length: 5\r\nTransfer-Encoding: chunked`, 400],
    ] as const)
      expect(statuses(await exchange(`${line}\r\n\r\n${last}`))).toEqual([code]);
  });
});

test("trailers are no headers: Bun refuses them", async () => {
  const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n`;
  const chunked = (trailer: string) =>
    `${post}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${trailer}\r\n`;
  expect(statuses(await exchange(chunked("")))).toEqual([200]);
  expect(statuses(await exchange(chunked("Host: evil.example\r\n")))).toEqual([400]);
});
