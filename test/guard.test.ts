import { describe, expect, test } from "bun:test";
import { digestKey } from "../src/config/client-keys.ts";
import { ProxyError } from "../src/errors.ts";
import { createGuard } from "../src/guard.ts";
import { findRoute } from "../src/routes/endpoints.ts";
import { testConfig } from "./support/proxy.ts";

type ServerOptions = {
  host?: string;
  clientKey?: string;
  clients?: Record<string, string>;
  metricsKey?: string;
  allowedHosts?: string[];
  allowedOrigins?: string[];
};

const configOf = ({
  host = "127.0.0.1",
  clientKey,
  clients = {},
  metricsKey,
  allowedHosts = [],
  allowedOrigins = [],
}: ServerOptions) => ({
  backend: testConfig().backend,
  backends: [],
  server: {
    host,
    clientKey,
    clients: {
      keys: Object.entries(clients).map(([key, name]) => ({ name, digest: digestKey(key), key })),
      file: undefined,
    },
    metricsKey,
    allowedHosts,
    allowedOrigins,
  },
});

function ask(headers: Record<string, string>, method = "POST", path = "/v1/messages"): Request {
  return new Request(`http://127.0.0.1:8082${path}`, {
    method,
    headers: { host: "127.0.0.1:8082", ...headers },
  });
}

/** The guard's decision: the kind of its refusal, or "in". */
function verdict(options: ServerOptions, request: Request, address = "127.0.0.1"): string {
  try {
    const route = findRoute(request.method, new URL(request.url).pathname);
    createGuard(configOf(options))({ request, route, address });
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
    ["0.0.0.0", "secret", "proxy:8082", "in"],
    ["0.0.0.0", "secret", "evil.example", "permission"],
    ["127.0.0.1", "secret", "evil.example", "permission"],
    ["127.0.0.1", undefined, "good.example", "in"],
    ["127.0.0.1", undefined, "Good.Example:443", "in"],
    ["0.0.0.0", "secret", "good.example:8082", "in"],
    ["0.0.0.0", "secret", "also.good.example", "permission"],
  ];
  for (const [host, clientKey, header, expected] of rows) {
    test(`bound to ${host} ${clientKey ? "with" : "without"} a key, "${header}" → ${expected}`, () => {
      const allowedHosts = ["good.example"];
      const options = { host, allowedHosts, ...(clientKey !== undefined && { clientKey }) };
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

  test.each([
    [{}, "/v1/messages", "its key is missing; give the client the value of the proxy's ANTHROPIC_API_KEY"],
    [{ "x-api-key": "other" }, "/v1/messages", "its key is not this proxy's; give the client the value"],
    [{}, "/metrics", "its key is missing; give the client the value of the proxy's METRICS_KEY"],
  ])("%j at %s: %s", (headers, path, words) => {
    const request = ask(headers, path === "/metrics" ? "GET" : "POST", path);
    const route = findRoute(request.method, path);
    const guard = createGuard(configOf({ clientKey: "secret", metricsKey: "monitor" }));
    expect(() => guard({ request, route, address: "127.0.0.1" })).toThrow(words);
  });

  const open: [method: string, path: string, expected: string][] = [
    ["GET", "/health", "in"],
    ["GET", "/health/", "in"],
    ["HEAD", "/", "in"],
    ["HEAD", "/api/hello", "in"],
    ["GET", "/ready", "in"],
    ["OPTIONS", "/v1/messages", "in"],
    ["GET", "/", "authentication"],
    ["GET", "/test-connection", "authentication"],
    ["POST", "/test-connection", "authentication"],
    ["HEAD", "/healthy", "not-found"],
    ["GET", "/__proto__", "not-found"],
    ["HEAD", "/test-connection", "method-not-allowed"],
  ];
  for (const [method, path, expected] of open) {
    test(`without one, ${method} ${path} → ${expected}`, () => {
      expect(verdict({ clientKey: "secret" }, ask({}, method, path))).toBe(expected);
      const isRoute = expected === "in" || expected === "authentication";
      expect(verdict({ clientKey: "secret" }, ask({ origin: "https://evil.example" }, method, path))).toBe(
        isRoute ? "permission" : expected,
      );
    });
  }
});

describe("the type of a body", () => {
  const rows: [headers: Record<string, string>, expected: string][] = [
    [{}, "in"],
    [{ "content-type": "" }, "in"],
    [{ "content-type": "application/json" }, "in"],
    [{ "content-type": "Application/JSON; charset=utf-8" }, "in"],
    [{ "content-type": "application/json ;charset=utf-8" }, "in"],
    [{ "content-type": "text/plain" }, "unsupported-media-type"],
    [{ "content-type": "text/plain, application/json" }, "unsupported-media-type"],
    [{ "content-type": "application/jsonp" }, "unsupported-media-type"],
    [{ "content-type": "application/x-www-form-urlencoded" }, "unsupported-media-type"],
    [{ "content-type": "multipart/form-data; boundary=application/json" }, "unsupported-media-type"],
    [{ "content-encoding": "identity" }, "in"],
    [{ "content-encoding": "gzip" }, "unsupported-media-type"],
  ];
  for (const [headers, expected] of rows) {
    test(`${JSON.stringify(headers)} → ${expected}`, () => {
      expect(verdict({}, ask(headers))).toBe(expected);
    });
  }
});

describe("a request that spends tokens without a body", () => {
  const key = { "x-api-key": "secret" };
  const rows: [
    address: string,
    clientKey: string | undefined,
    headers: Record<string, string>,
    expected: string,
  ][] = [
    ["127.0.0.1", undefined, {}, "in"],
    ["::1", undefined, {}, "in"],
    ["::ffff:127.0.0.1", undefined, {}, "in"],
    ["192.168.1.5", undefined, {}, "permission"],
    ["::ffff:192.168.1.5", undefined, {}, "permission"],
    ["127.0.0.1", undefined, { "sec-fetch-site": "cross-site" }, "permission"],
    ["127.0.0.1", undefined, { "sec-fetch-site": "same-site" }, "permission"],
    ["192.168.1.5", "secret", key, "in"],
    ["192.168.1.5", "secret", {}, "authentication"],
  ];
  for (const [address, clientKey, headers, expected] of rows)
    for (const method of ["GET", "POST"]) {
      test(`${method} from ${address} ${clientKey ? "with" : "without"} a key, ${JSON.stringify(headers)}`, () => {
        const options = { host: "0.0.0.0", ...(clientKey !== undefined && { clientKey }) };
        expect(verdict(options, ask(headers, method, "/test-connection"), address)).toBe(expected);
      });
    }
});

describe("metrics are opened by the client key or their own, which opens nothing else", () => {
  const rows: [
    keys: { clientKey?: string; metricsKey?: string },
    sent: string,
    path: string,
    expected: string,
  ][] = [
    [{}, "", "/metrics", "in"],
    [{ clientKey: "secret" }, "", "/metrics", "authentication"],
    [{ clientKey: "secret" }, "secret", "/metrics", "in"],
    [{ clientKey: "secret", metricsKey: "watch" }, "secret", "/metrics", "in"],
    [{ clientKey: "secret", metricsKey: "watch" }, "watch", "/metrics", "in"],
    [{ clientKey: "secret", metricsKey: "watch" }, "wrong", "/metrics", "authentication"],
    [{ metricsKey: "watch" }, "watch", "/metrics", "in"],
    [{ metricsKey: "watch" }, "", "/metrics", "authentication"],
    [{ clientKey: "secret", metricsKey: "watch" }, "watch", "/v1/models", "authentication"],
  ];
  test.each(rows)("%j, with the key %j: %s → %s", (keys, sent, path, expected) => {
    expect(verdict(keys, ask({ authorization: `Bearer ${sent}` }, "GET", path))).toBe(expected);
  });
});

describe("named clients", () => {
  const clients = { "alice-key-1": "alice", "alice-key-2": "alice", "bob-key": "bob" };
  const admit = (options: ServerOptions, key: string, path = "/v1/models") => {
    const request = ask(key === "" ? {} : { "x-api-key": key }, "GET", path);
    const route = findRoute("GET", path);
    return createGuard(configOf(options))({ request, route, address: "127.0.0.1" });
  };

  test("a client may have several keys, and each tells its name", () => {
    for (const [key, name] of Object.entries(clients))
      expect(admit({ clients }, key)).toMatchObject({ name });
  });

  test("ANTHROPIC_API_KEY is beside them, and has no name", () => {
    expect(admit({ clients, clientKey: "common" }, "common").name).toBeUndefined();
    expect(admit({ clients, clientKey: "common" }, "bob-key").name).toBe("bob");
  });

  test("no other key is let in, nor a hash", () => {
    for (const key of ["", "alice", digestKey("bob-key"), `sha256:${digestKey("bob-key")}`])
      expect(() => admit({ clients }, key)).toThrow(/CLIENT_KEYS/);
    expect(() => admit({ clients, clientKey: "common" }, "wrong")).toThrow(/ANTHROPIC_API_KEY/);
  });

  test("metrics are open to them as to ANTHROPIC_API_KEY", () => {
    expect(admit({ clients, metricsKey: "monitor" }, "bob-key", "/metrics")).toEqual({ name: "bob" });
    expect(admit({ clients, metricsKey: "monitor" }, "monitor", "/metrics")).toEqual({});
    expect(() => admit({ clients }, "monitor", "/metrics")).toThrow(/CLIENT_KEYS/);
  });
});
