import { describe, expect, test } from "bun:test";
import { corsHeaders, preflight } from "../src/cors.ts";

describe("CORS", () => {
  const config = { server: { allowedOrigins: ["https://good.example"] } };

  const ask = (headers: Record<string, string>) =>
    new Request("http://127.0.0.1:8082/v1/messages", { method: "OPTIONS", headers });

  test("a foreign page gets a 403 without CORS headers", () => {
    for (const headers of [{ origin: "https://evil.example" }, {}]) {
      const response = preflight(ask(headers), config);
      expect(response.status).toBe(403);
      expect([...response.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
      expect(corsHeaders(ask(headers), config)).toBeUndefined();
    }
  });

  test("an allowed page may send any header and read the relevant ones", () => {
    const request = ask({
      origin: "https://good.example",
      "access-control-request-headers": "x-api-key,anthropic-version",
    });
    const response = preflight(request, config);
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://good.example");
    expect(response.headers.get("access-control-allow-methods")).toBe("GET, POST, HEAD, OPTIONS");
    expect(response.headers.get("access-control-allow-headers")).toBe("x-api-key,anthropic-version");
    expect(response.headers.get("access-control-expose-headers")).toMatch(/request-id, retry-after/);
    expect(response.headers.get("vary")).toContain("origin");
  });
});
