import { describe, expect, test } from "bun:test";
import { readError } from "../../../src/upstream/refusal/read-error.ts";
import { planFor } from "../../support/plans.ts";

const base = planFor({
  model: "claude-opus-5-5",
  max_tokens: 9,
  messages: [{ role: "user", content: "Hi" }],
});
const url = "https://backend.example/v1/chat/completions";
const read = (status: number, body: unknown) =>
  readError(status, new Headers(), typeof body === "string" ? body : JSON.stringify(body), {
    ...base,
    url,
  });
const openai = (message: string) => ({
  error: { message, type: "invalid_request_error", param: null, code: null },
});

describe("a wrong address is said as a 400, with the URL", () => {
  const message =
    /^Cannot find the API at https:\/\/backend\.example\/v1\/chat\/completions: .*OPENAI_BASE_URL.*\/v1$/;
  test.each<[status: number, body: unknown]>([
    [404, ""],
    [404, "404 page not found"],
    [404, "<html><title>404 Not Found</title></html>"],
    [404, { detail: "Not Found" }],
    [404, { message: "Cannot POST /chat/completions" }],
    [404, openai("Invalid URL (POST /chat/completions)")],
    [405, { detail: "Method Not Allowed" }],
    [404, { error: "Unexpected endpoint or method. (POST /chat/completions)" }],
    [200, "<!doctype html><html><body>Welcome to nginx!</body></html>"],
  ])("%i %j", (status, body) => {
    const error = read(status, body);
    expect(error.kind).toBe("wrong-address");
    expect(error.message).toMatch(message);
  });

  test("with https if the port speaks TLS", () => {
    const error = read(400, "Client sent an HTTP request to an HTTPS server.");
    expect(error.message).toEndWith("set OPENAI_BASE_URL to its https:// address");
  });

  test("unless the server speaks of a model, or has only broken down", () => {
    expect(read(404, openai("The model `x` was not found")).kind).toBe("not-found");
    expect(read(404, { error: "model 'x' not found" }).kind).toBe("not-found");
    expect(read(200, "<html><title>503 Service Unavailable</title></html>").kind).toBe("upstream");
    expect(read(502, "<html><title>502 Bad Gateway</title></html>").kind).toBe("upstream");
  });
});
