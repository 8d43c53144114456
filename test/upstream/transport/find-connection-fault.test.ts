import { expect, test } from "bun:test";
import { findConnectionFault } from "../../../src/upstream/transport/find-connection-fault.ts";

const broken = (code: string) => Object.assign(new Error("fetch failed"), { code });

test.each([
  ["ConnectionRefused", /backends\.a\.url/, 1],
  ["EPROTO", /http:\/\/ address/, 0],
  ["ENOTFOUND", /backends\.a\.url/, 0],
  ["UnexpectedRedirect", /backends\.a\.url/, 0],
  ["SELF_SIGNED_CERT_IN_CHAIN", /NODE_EXTRA_CA_CERTS/, 0],
  ["CERT_HAS_EXPIRED", /expired/, 0],
] as const)("%s is explained, with its number of repeats", (code, reason, repeats) => {
  expect(findConnectionFault(broken(code), "backends.a.url")).toEqual({
    reason: expect.stringMatching(reason),
    repeats,
    isLasting: true,
  });
});

test("a broken connection follows the rule for all failures", () => {
  for (const code of ["ConnectionClosed", "ECONNRESET"])
    expect(findConnectionFault(broken(code))).not.toHaveProperty("repeats");
});

test("an unknown failure shows its code, if it has one", () => {
  expect(findConnectionFault(broken("EPIPE")).reason).toBe("the connection failed (EPIPE)");
  expect(findConnectionFault(new Error("x")).reason).toBe("the connection failed");
  expect(findConnectionFault(undefined).reason).toBe("the connection failed");
});

test("a real refused connection is known", async () => {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const url = `http://127.0.0.1:${server.port}`;
  await server.stop(true);
  const thrown = await fetch(url).catch((error: unknown) => error);
  expect(findConnectionFault(thrown).reason).toContain("the connection was refused");
});

test.each([
  ["InvalidContentLength", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"],
  ["InvalidHTTPResponse", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nwords\r\n"],
  ["UnrequestedUpgrade", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
])("a real answer that is not valid HTTP is called so: %s", async (code, answer) => {
  using server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (socket) => void socket.write(answer) },
  });
  const thrown = await fetch(`http://127.0.0.1:${server.port}`)
    .then((response) => response.text())
    .catch((error: unknown) => error);
  expect(findConnectionFault(thrown).reason).toBe(`its answer is not valid HTTP (${code})`);
});

test("so is one that other parsers, or its length, refuse", () => {
  for (const code of ["HPE_INVALID_CONSTANT", "HPE_INVALID_CHUNK_SIZE", "ResponseHeadersTooLarge"])
    expect(findConnectionFault(broken(code)).reason).toBe(`its answer is not valid HTTP (${code})`);
});
