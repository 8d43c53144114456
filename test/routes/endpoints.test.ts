import { describe, expect, test } from "bun:test";
import { endpointRows, findRoute } from "../../src/routes/endpoints.ts";

const methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"];

/** The error for a request that matches no route. */
function refusal(method: string, path: string): string | undefined {
  try {
    findRoute(method, path);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

describe.each(endpointRows)("%s", (name) => {
  const [method = "", path = ""] = name.replace("{id}", "openai/gpt-5.4").split(" ");

  test("is found, with a slash at its end and with /v1 twice", () => {
    const route = findRoute(method, path);
    expect(findRoute(method, `${path}/`)).toBe(route);
    expect(findRoute(method, path.replace(/^\/v1\//, "/v1/v1/"))).toBe(route);
  });

  test("refuses every other method, and names those that it allows", () => {
    const allowed = methods.filter((other) => refusal(other, path) === undefined);
    expect(allowed).toContain(method);
    for (const other of methods.filter((other) => !allowed.includes(other)))
      expect(refusal(other, path)).toEndWith(`Cannot ${other} ${path}: it allows only ${allowed.join(", ")}`);
  });
});

test("unknown endpoints are refused", () => {
  for (const path of ["/v1", "/v1/message", "/v1/messages/x", "/v2/models", "/__proto__", "/healthy"])
    expect(refusal("GET", path)).toEndWith(`Cannot GET ${path}: there is no such endpoint`);
});

test("a client of OpenAI's API is told what the proxy speaks", () => {
  for (const path of ["/v1/chat/completions", "/chat/completions", "/v1/responses"])
    expect(refusal("POST", path)).toEndWith("; send messages in Anthropic's format to /v1/messages");
});

test("a refused method names the others in Allow", () => {
  try {
    findRoute("PUT", "/health");
  } catch (error) {
    expect(error).toMatchObject({ kind: "method-not-allowed", headers: { allow: "GET, HEAD" } });
  }
  expect.assertions(1);
});

test("only liveness and probes need no client key", () => {
  const paths = [...new Set([...endpointRows.map(([name]) => name.split(" ")[1] ?? ""), "/api/hello"])];
  const open = methods.flatMap((method) =>
    paths
      .filter((path) => refusal(method, path) === undefined && findRoute(method, path).open === true)
      .map((path) => `${method} ${path}`),
  );
  expect(open).toEqual([
    "GET /health",
    "GET /ready",
    "HEAD /health",
    "HEAD /ready",
    "HEAD /",
    "HEAD /api/hello",
  ]);
});

test("a preflight is answered for every endpoint, and for nothing else", () => {
  expect(findRoute("OPTIONS", "/v1/messages").method).toBe("OPTIONS");
  expect(refusal("OPTIONS", "/v1/message")).toContain("there is no such endpoint");
});
