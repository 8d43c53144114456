import { expect, test } from "bun:test";
import { examine } from "../../../src/commands/doctor/examine.ts";
import { ConfigError } from "../../../src/config/config-error.ts";
import { testConfig } from "../../support/proxy.ts";

const examination = (lines: string[]) => ({
  loadConfig: async () => testConfig(),
  loadSettings: async () => [{ name: "PORT", value: "0", origin: "environment" }],
  demo: true,
  json: false,
  isColored: false,
  env: { PATH: "/nowhere", HOME: "/nowhere" },
  cwd: "/nowhere",
  platform: process.platform,
  print: (line: string) => void lines.push(line),
  withinMs: 60_000,
});

test("settings, client and backend are looked at, and counted at the end", async () => {
  const lines: string[] = [];
  expect(await examine(examination(lines))).toBe(true);
  expect(lines.join("\n")).toContain("PORT=0 (environment)");
  expect(lines.join("\n")).toMatch(/claude is not installed|claude is \d|says? its version/);
  expect(lines.at(-1)).toMatch(/^\d+ good, 0 bad, \d+ unknown$/);
});

test("a configuration that is not valid is a finding, in JSON as well", async () => {
  const lines: string[] = [];
  const loadConfig = () => Promise.reject(new ConfigError(["OPENAI_API_KEY is not set"]));
  expect(await examine({ ...examination(lines), loadConfig, json: true })).toBe(false);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ ok: false });
});
