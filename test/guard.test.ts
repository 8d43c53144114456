import { describe, expect, test } from "bun:test";
import { ProxyError } from "../src/errors.ts";
import { createGuard } from "../src/guard.ts";

type ServerOptions = { host?: string; clientKey?: string; allowedOrigins?: string[] };

const configOf = ({ host = "127.0.0.1", clientKey, allowedOrigins = [] }: ServerOptions) => ({
  server: { host, clientKey, allowedOrigins },
});

function ask(headers: Record<string, string>, method = "POST", path = "/v1/messages"): Request {
  return new Request(`http://127.0.0.1:8082${path}`, {
    method,
    headers: { host: "127.0.0.1:8082", ...headers },
  });
}

/** The guard's decision: the kind of its refusal, or "in". */
function verdict(options: ServerOptions, request: Request): string {
  try {
    createGuard(configOf(options))(request);
    return "in";
  } catch (thrown) {
    if (thrown instanceof ProxyError) return thrown.kind;
    throw thrown;
  }
}

describe("Host checks stop DNS rebinding", () => {
  const rows: [bind: string, clientKey: string | undefined, host: string, expected: string][] = [
    ["127.0.0.1", undefined, "127.0.0.1:8082", "in"],
    ["127.0.0.1", undefined, "127.0.0.1", "in"],
    ["127.0.0.1", undefined, "localhost:8082", "in"],
    ["127.0.0.1", undefined, "LOCALHOST:8082", "in"],
    ["127.0.0.1", undefined, "[::1]:8082", "in"],
    ["127.0.0.1", undefined, "evil.example", "permission"],
    ["127.0.0.1", undefined, "localhost.evil.example", "permission"],
    ["127.0.0.1", undefined, "127.0.0.1.evil.example:8082", "permission"],
    ["127.0.0.1", undefined, "localhost.", "permission"],
    ["127.0.0.1", undefined, "192.168.1.5:8082", "permission"],
    ["127.0.0.1", undefined, "proxy:8082", "permission"],
    ["127.0.0.1", undefined, "localhost@evil.example", "permission"],
    ["127.0.0.1", undefined, "localhost, evil.example", "permission"],
    ["127.0.0.1", undefined, "", "permission"],
    ["::1", undefined, "[::1]:8082", "in"],
    ["localhost", undefined, "evil.example", "permission"],
    ["0.0.0.0", undefined, "192.168.1.5:8082", "in"],
    ["0.0.0.0", undefined, "[fe80::1]:8082", "in"],
    ["0.0.0.0", undefined, "proxy:8082", "in"],
    ["0.0.0.0", undefined, "host.docker.internal:8082", "in"],
    ["0.0.0.0", undefined, "evil.example:8082", "permission"],
    ["0.0.0.0", undefined, "192.168.1.5.evil.example", "permission"],
    ["my.server.example", undefined, "my.server.example:8082", "in"],
    ["my.server.example", undefined, "other.example:8082", "permission"],
    ["0.0.0.0", "secret", "proxy.example", "in"],
    ["127.0.0.1", "secret", "proxy.example", "in"],
  ];
  for (const [host, clientKey, header, expected] of rows) {
    test(`bound to ${host} ${clientKey ? "with" : "without"} a key, "${header}" → ${expected}`, () => {
      const options = clientKey === undefined ? { host } : { host, clientKey };
      expect(verdict(options, ask({ host: header, "x-api-key": "secret" }))).toBe(expected);
    });
  }
});

describe("Origin and Sec-Fetch-Site checks stop other web pages", () => {
  const rows: [headers: Record<string, string>, expected: string][] = [
    [{}, "in"],
    [{ "sec-fetch-site": "none" }, "in"],
    [{ "sec-fetch-site": "same-origin" }, "in"],
    [{ "sec-fetch-site": "same-site" }, "permission"],
    [{ "sec-fetch-site": "cross-site" }, "permission"],
    [{ origin: "http://127.0.0.1:8082", "sec-fetch-site": "same-origin" }, "in"],
    [{ origin: "http://127.0.0.1:3000" }, "permission"],
    [{ origin: "https://evil.example" }, "permission"],
    [{ origin: "null" }, "permission"],
    [{ origin: "" }, "permission"],
    [{ origin: "127.0.0.1:8082" }, "permission"],
    [{ origin: "https://good.example", "sec-fetch-site": "cross-site" }, "in"],
    [{ origin: "https://good.example.evil.example" }, "permission"],
  ];
  for (const [headers, expected] of rows) {
    test(`${JSON.stringify(headers)} → ${expected}`, () => {
      expect(verdict({ allowedOrigins: ["https://good.example"] }, ask(headers))).toBe(expected);
    });
  }
});

describe("the client key", () => {
  const rows: [headers: Record<string, string>, expected: string][] = [
    [{ "x-api-key": "secret" }, "in"],
    [{ authorization: "Bearer secret" }, "in"],
    [{ authorization: "bearer secret" }, "in"],
    [{ "x-api-key": "secret", authorization: "Bearer other" }, "in"],
    [{ "x-api-key": "other", authorization: "Bearer secret" }, "authentication"],
    [{ "x-api-key": "secre" }, "authentication"],
    [{ "x-api-key": "secret2" }, "authentication"],
    [{ "x-api-key": "" }, "authentication"],
    [{ authorization: "Basic secret" }, "authentication"],
    [{}, "authentication"],
  ];
  for (const [headers, expected] of rows) {
    test(`${JSON.stringify(headers)} → ${expected}`, () => {
      expect(verdict({ clientKey: "secret" }, ask(headers))).toBe(expected);
    });
  }

  const open: [method: string, path: string, expected: string][] = [
    ["GET", "/health", "in"],
    ["GET", "/health/", "in"],
    ["HEAD", "/", "in"],
    ["HEAD", "/api/hello", "in"],
    ["OPTIONS", "/v1/messages", "in"],
    ["GET", "/", "authentication"],
    ["HEAD", "/test-connection", "authentication"],
    ["GET", "/healthy", "authentication"],
    ["GET", "/__proto__", "authentication"],
  ];
  for (const [method, path, expected] of open) {
    test(`without one, ${method} ${path} → ${expected}`, () => {
      expect(verdict({ clientKey: "secret" }, ask({}, method, path))).toBe(expected);
      expect(verdict({ clientKey: "secret" }, ask({ origin: "https://evil.example" }, method, path))).toBe(
        "permission",
      );
    });
  }
});
