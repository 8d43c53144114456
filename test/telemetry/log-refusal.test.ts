import { expect, test } from "bun:test";
import { ProxyError } from "../../src/errors.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { logRefusal } from "../../src/telemetry/log-refusal.ts";

test.each([
  ["authentication", "WARNING", 401],
  ["prompt-too-long", "INFO", 400],
  ["internal", "ERROR", 500],
] as const)("a request refused for %s is a line at %s", (kind, level, status) => {
  const lines: string[] = [];
  const log = createLog("INFO", (line) => void lines.push(line), { format: "json" });
  const request = new Request("http://localhost/v1/messages?beta=true", { method: "POST" });
  logRefusal(log, { request, requestId: "req_1" }, new ProxyError(kind, "No"));
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    expect.objectContaining({ level, id: "req_1", path: "/v1/messages", status, error: "No" }),
  ]);
});
