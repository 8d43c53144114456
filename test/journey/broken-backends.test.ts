/** A backend that is not there, or is something else: an error at once that says so, and what to do. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { createServer as createHttp, type Server as HttpServer } from "node:http";
import { createServer as createHttps } from "node:https";
import { createServer, type Server } from "node:net";
import { status, text } from "../support/fake-upstream.ts";
import { isBuilt } from "../support/program.ts";
import { ask, readError, startProxy, type TestProxy } from "../support/proxy.ts";

const certificate = `${import.meta.dir}/../fixtures/tls`;

let proxy: TestProxy | undefined;
afterEach(async () => {
  await proxy?.close();
  proxy = undefined;
});

const servers: Server[] = [];
let requests = 0;

async function listen(server: Server | HttpServer): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}

const page = (code: number) =>
  createHttp((request, response) => {
    request.resume();
    if (request.method === "POST") requests += 1;
    response.writeHead(code, { "content-type": "text/html", location: "http://login.example/" });
    response.end("<html><title>Hotel network</title></html>");
  });

const hosts: Record<string, string> = {};
beforeAll(async () => {
  const [key, cert] = await Promise.all([
    Bun.file(`${certificate}/key.pem`).text(),
    Bun.file(`${certificate}/certificate.pem`).text(),
  ]);
  hosts.missing = await listen(page(404));
  hosts.captive = await listen(page(200));
  hosts.redirect = await listen(page(302));
  hosts.login = await listen(page(511));
  hosts.tls = await listen(createHttps({ key, cert }, (_, response) => response.end("{}")));
  hosts.ssh = await listen(createServer((socket) => socket.end("SSH-2.0-OpenSSH_9.9\r\n")));
});
afterAll(() => {
  for (const server of servers) server.close();
});

async function askAt(baseUrl: string, environment: Record<string, string> = {}) {
  requests = 0;
  proxy = await startProxy(text("unused"), { config: { backend: { baseUrl } }, environment });
  const response = await proxy.post(ask({ stream: true }));
  const { error } = await readError(response);
  return {
    message: error.message,
    isRepeated: response.headers.get("x-should-retry") !== "false",
    requests,
  };
}

describe.skipIf(isBuilt)("a backend", () => {
  test.each([
    ["that refuses connections", () => "http://127.0.0.1:9/v1", /127\.0\.0\.1:9: the connection was refused/],
    ["whose name is unknown", () => "https://no-such-host.invalid/v1", /host name was not found/],
    ["without TLS, asked with it", () => `https://${hosts.missing}/v1`, /set OPENAI_BASE_URL to its http:/],
    ["with TLS, asked without it", () => `http://${hosts.tls}/v1`, /set OPENAI_BASE_URL to its https:/],
    ["whose certificate nobody knows", () => `https://${hosts.tls}/v1`, /NODE_EXTRA_CA_CERTS/],
    ["that does not speak HTTP", () => `http://${hosts.ssh}/v1`, /does not speak HTTP/],
    ["with another path", () => `http://${hosts.missing}/api`, /\/api\/chat\/completions.* answered 404/],
    ["in front of which a page asks for a login", () => `http://${hosts.captive}/v1`, /Hotel network/],
    ["that redirects", () => `http://${hosts.redirect}/v1`, /redirects elsewhere/],
    ["behind a captive portal", () => `http://${hosts.login}/v1`, /log in with a browser/],
  ])("%s is reported at once", async (_, url, words) => {
    const found = await askAt(url());
    expect(found.message).toMatch(words);
    expect(found.isRepeated).toBe(false);
    expect(found.requests).toBeLessThan(2);
  });

  test("behind an HTTP proxy that is down is not blamed", async () => {
    // Bun reads the variable when a process begins, so the words are tested with the sender's own view of it.
    const { message } = await askAt("http://no-such-host.invalid/v1", { HTTP_PROXY: "http://127.0.0.1:9" });
    expect(message).toContain("through the proxy 127.0.0.1:9: check HTTP_PROXY");
  });
});

describe("while a backend fails", () => {
  test("requests are not repeated that clients repeat themselves, until it answers again", async () => {
    const down = status(503, { error: { message: "Engine overloaded" } });
    proxy = await startProxy([down, down, down, down, text("Hello"), down, text("Hello again")]);
    const post = async () => (await proxy?.post(ask()))?.status;
    const calls = () => proxy?.upstream.requests.filter(({ method }) => method === "POST").length;
    expect([await post(), calls()]).toEqual([529, 3]);
    expect([await post(), calls()]).toEqual([529, 4]);
    expect([await post(), calls()]).toEqual([200, 5]);
    expect([await post(), calls()]).toEqual([200, 7]);
  });
});
