/** What is wrong with a request is reported in one order, on every path and for every method. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { endpointRows, findRoute } from "../../src/routes/endpoints.ts";
import { text } from "../support/fake-upstream.ts";
import { ask, readError, startProxy, type TestProxy } from "../support/proxy.ts";

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await startProxy(text("Hello"), { config: { server: { clientKey: "client-secret" } } });
});
afterAll(() => proxy.close());

type Fault = {
  readonly name: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
  readonly says: RegExp;
  readonly appliesTo: (method: string, path: string) => boolean;
};

const always = () => true;
const readsBody = (method: string, path: string) => method === "POST" && path.startsWith("/v1/messages");

/** In the order in which they are found. */
const faults: readonly Fault[] = [
  { name: "Host", headers: { host: "evil.example" }, status: 403, says: /Host header/, appliesTo: always },
  {
    name: "Origin",
    headers: { origin: "https://evil.example" },
    status: 403,
    says: /origins/,
    appliesTo: always,
  },
  {
    name: "Sec-Fetch-Site",
    headers: { "sec-fetch-site": "cross-site" },
    status: 403,
    says: /origins/,
    appliesTo: always,
  },
  {
    name: "content type",
    headers: { "content-type": "text/plain" },
    status: 415,
    says: /content-type/,
    appliesTo: (method) => method === "POST",
  },
  {
    name: "key",
    headers: { "x-api-key": "wrong" },
    status: 401,
    says: /^Cannot let the client in: its key/,
    appliesTo: (method, path) => findRoute(method, path).open !== true,
  },
  { name: "size", body: "[".repeat(33 << 20), status: 413, says: /at most 32 MB/, appliesTo: readsBody },
  { name: "schema", body: "{}", status: 400, says: /^[a-z_]+: /, appliesTo: readsBody },
];

const good = { "x-api-key": "client-secret", "content-type": "application/json" };

/** A request with all of these faults; what is not wrong is right. */
function send(method: string, path: string, wrong: readonly Fault[]): Promise<Response> {
  const headers = Object.assign({ ...good }, ...wrong.map((fault) => fault.headers));
  // The body that is found first.
  const body = wrong.find((fault) => fault.body !== undefined)?.body ?? JSON.stringify(ask());
  return fetch(proxy.url + path, { method, headers, ...(method === "POST" && { body }) });
}

const paths = endpointRows.map(([name]) => name.replace("{id}", "claude-haiku"));
const probes = ["HEAD /", "HEAD /health", "HEAD /ready", "HEAD /api/hello"];

describe.each([...paths, ...probes])("%s", (name) => {
  const [method = "", path = ""] = name.split(" ");
  const relevant = faults.filter((fault) => fault.appliesTo(method, path));

  test.each(relevant.map((fault, place) => [fault.name, place] as const))(
    "reports a wrong %s before all that comes later, and by itself",
    async (_, place) => {
      for (const wrong of [relevant.slice(place), relevant.slice(place, place + 1)]) {
        const response = await send(method, path, wrong);
        expect(response.status).toBe(relevant[place]?.status ?? 0);
        expect(response.headers.get("request-id")).toMatch(/^req_/);
        if (method === "HEAD") continue;
        const { error, request_id } = await readError(response);
        expect(error.message).toMatch(relevant[place]?.says ?? /$^/);
        expect(request_id).toBe(response.headers.get("request-id") ?? "");
      }
    },
  );

  test("is let in when nothing is wrong", async () => {
    expect((await send(method, path, [])).status).toBe(200);
  });

  test("refuses another method before anything else", async () => {
    const response = await send("PATCH", path, faults);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toContain(method);
  });
});

test.each(["/v1", "/v1/message", "/healthy", "/.env", "/__proto__", "/v1/messages/batches"])(
  "there is nothing at %s, whatever else is wrong",
  async (path) => {
    for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
      expect((await send(method, path, faults)).status).toBe(404);
  },
);
