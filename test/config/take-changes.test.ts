import { expect, test } from "bun:test";
import { readConfig } from "../../src/config/read-config.ts";
import { listPendingChanges, takeChanges } from "../../src/config/take-changes.ts";
import { variables } from "../../src/config/variables.ts";

const read = (env: Record<string, string>) =>
  readConfig({ flags: {}, env: { OPENAI_API_KEY: "k", ...env }, file: undefined });

/** A value of each variable that differs from its default. */
const others: Readonly<Record<string, string>> = {
  OPENAI_BASE_URL: "http://localhost:1/v1",
  AZURE_API_VERSION: "2024-10-21",
  BACKEND_DIALECT: "vllm",
  BACKEND_PROTOCOL: "chat",
  BIG_BASE_URL: "http://localhost:2/v1",
  MIDDLE_BASE_URL: "http://localhost:2/v1",
  SMALL_BASE_URL: "http://localhost:2/v1",
  BIG_DIALECT: "vllm",
  MIDDLE_DIALECT: "vllm",
  SMALL_DIALECT: "vllm",
  HOST: "127.0.0.2",
  CLIENT_KEYS: "ann:key-of-ann",
  ALLOWED_HOSTS: "proxy.example",
  ALLOWED_ORIGINS: "https://app.example",
  SEARCH_API: "brave",
  SEARCH_API_URL: "http://localhost:3",
  LOG_LEVEL: "ERROR",
  LOG_FORMAT: "json",
  OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4",
  OTEL_EXPORTER_OTLP_HEADERS: "a=b",
  PROMPT_COMPRESSION: "compact",
};

/** Those that cannot change while a proxy runs. */
const fixed = [
  ...["HOST", "PORT", "WORKERS", "MAX_CONCURRENT_REQUESTS", "MAX_BODY_MEMORY", "SHUTDOWN_GRACE"],
  ...["LOG_FORMAT", "LOG_FILE"],
  ...["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_SERVICE_NAME"],
  ...["USAGE_DB", "USAGE_RETENTION"],
];

test("what is used once needs a restart, and all else is taken", () => {
  const running = read({});
  for (const { name } of variables) {
    const text = others[name] ?? "77";
    const next = read({ SEARCH_API_KEY: "s", MAX_DAILY_COST: "9", [name.replace("*", "X")]: text });
    const inForce = takeChanges(running, next);
    expect([name, ...listPendingChanges(next, inForce)]).toEqual(
      fixed.includes(name) ? [name, name] : [name],
    );
    expect(inForce.limits.maxDailyCost).toBe(name === "MAX_DAILY_COST" ? 77 : 9);
  }
});
