import { afterAll, beforeAll, expect, test } from "bun:test";
import { status, text, upstreamKey } from "../support/fake-upstream.ts";
import {
  type ExpositionFormat,
  expositionFormats,
  findValue,
  parseExposition,
} from "../support/parse-exposition.ts";
import { ask, startProxy, type TestProxy } from "../support/proxy.ts";

const keys = { clientKey: "client-key-1", metricsKey: "metrics-key-1" };
const client = { "x-api-key": keys.clientKey };
const accepts: Readonly<Record<ExpositionFormat, string>> = {
  prometheus: "text/plain",
  openmetrics: "application/openmetrics-text",
};
let proxy: TestProxy;

async function scrape(format: ExpositionFormat): Promise<string> {
  const headers = { authorization: `Bearer ${keys.metricsKey}`, accept: accepts[format] };
  const response = await fetch(`${proxy.url}/metrics`, { headers });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toStartWith(accepts[format]);
  return await response.text();
}

beforeAll(async () => {
  const error = {
    message: "Unsupported parameter: 'top_p' is not supported with this model.",
    type: "invalid_request_error",
    param: "top_p",
    code: "unsupported_parameter",
  };
  proxy = await startProxy(
    [status(503, "Overloaded"), status(400, { error }), text("Secret answer"), text("Secret answer")],
    { config: { server: keys } },
  );
  const hinted = { ...client, "x-claude-code-request-class": "compaction" };
  const asks: [Record<string, unknown>, Record<string, string>][] = [
    [{ stream: true, top_p: 0.5 }, hinted],
    [{ model: "my-own-secret-name" }, client],
    [{ max_tokens: -1 }, client],
    [{}, { "x-api-key": "wrong-key-1" }],
  ];
  for (const [changes, headers] of asks) await (await proxy.post(ask(changes), headers)).text();
  // A request is over when its tokens were counted, which is after its last byte.
  const [is, was] = ["claude_code_proxy_in_flight_requests", "prometheus"] as const;
  while (findValue(parseExposition(await scrape(was), was), is, {}) !== 0) await Bun.sleep(1);
});

afterAll(() => proxy.close());

test.each(expositionFormats)("a scrape in %s tells what happened", async (format) => {
  const metrics = parseExposition(await scrape(format), format);
  const value = (name: string, labels: Record<string, string>) => findValue(metrics, name, labels);
  const answered = { backend: "generic", status: "200" };
  expect(
    value("claude_code_proxy_requests_total", { ...answered, model: "big-model", class: "compaction" }),
  ).toBe(1);
  expect(value("claude_code_proxy_requests_total", { ...answered, model: "other" })).toBe(1);
  expect(value("claude_code_proxy_refused_requests_total", { reason: "invalid-request" })).toBe(1);
  expect(value("claude_code_proxy_refused_requests_total", { reason: "authentication" })).toBe(1);
  expect(value("claude_code_proxy_retries_total", { reason: "overloaded" })).toBe(1);
  expect(value("claude_code_proxy_retries_total", { reason: "correction" })).toBe(1);
  expect(value("claude_code_proxy_healed_parameters_total", { change: "drop" })).toBe(1);
  expect(value("claude_code_proxy_in_flight_requests", {})).toBe(0);
  expect(value("claude_code_proxy_held_body_bytes", {})).toBe(0);
});

test("no key, no content and no name of a client's is in it", async () => {
  const secrets = [
    ...Object.values(keys),
    upstreamKey,
    "Secret answer",
    "Hello",
    "my-own-secret-name",
    "wrong-key",
  ];
  const seen = await scrape("prometheus");
  expect(secrets.filter((secret) => seen.includes(secret))).toEqual([]);
});

test("the key for metrics opens nothing else", async () => {
  const refused = await proxy.post(ask(), { "x-api-key": keys.metricsKey });
  expect(refused.status).toBe(401);
});

const promtool = Bun.which("promtool");

test.skipIf(promtool === null)("promtool finds nothing wrong", async () => {
  const check = Bun.spawn([promtool ?? "", "check", "metrics"], {
    stdin: Buffer.from(await scrape("prometheus")),
    stdout: "pipe",
    stderr: "pipe",
  });
  const said = (await new Response(check.stdout).text()) + (await new Response(check.stderr).text());
  expect([said, await check.exited]).toEqual(["", 0]);
});
