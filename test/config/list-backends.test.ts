import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../src/config/config-error.ts";
import { readConfig } from "../../src/config/read-config.ts";

const base = { OPENAI_API_KEY: "sk-default", OPENAI_BASE_URL: "https://api.example/v1", BIG_MODEL: "b" };

function read(env: Record<string, string>) {
  return readConfig({ flags: {}, env: { ...base, ...env }, file: undefined });
}

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    read(env);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.problems;
    throw thrown;
  }
  return [];
}

describe("a tier's own backend", () => {
  test("is named after the tier, and follows the default one", () => {
    const { backends } = read({ SMALL_BASE_URL: "http://localhost:11434/v1", BIG_API_KEY: "sk-big" });
    expect(backends.map(({ id, baseUrl, apiKey }) => [id, baseUrl, apiKey])).toEqual([
      ["default", "https://api.example/v1", "sk-default"],
      ["big", "https://api.example/v1", "sk-big"],
      ["small", "http://localhost:11434/v1", "none"],
    ]);
  });

  test("gets the default's key and headers at the same origin only", () => {
    const headers = { CUSTOM_HEADER_X_TITLE: "secret" };
    const same = read({ ...headers, MIDDLE_BASE_URL: "https://api.example/other" });
    expect(same.backends[1]).toMatchObject({ apiKey: "sk-default", customHeaders: { "X-Title": "secret" } });
    const other = read({ ...headers, MIDDLE_BASE_URL: "https://other.example/v1", MIDDLE_API_KEY: "k" });
    expect(other.backends[1]).toMatchObject({ apiKey: "k", customHeaders: {} });
  });

  test("needs a key elsewhere", () => {
    expect(problemsOf({ MIDDLE_BASE_URL: "https://other.example/v1" })).toEqual([
      "MIDDLE_API_KEY is not set; set it to the key of other.example",
    ]);
  });

  test("takes its models from itself, not from the other tiers", () => {
    const url = { MIDDLE_BASE_URL: "http://localhost:1234/v1" };
    expect(read(url).models).toEqual({ big: "b", middle: "", small: "b" });
    expect(read({ ...url, MIDDLE_MODEL: "m" }).models).toEqual({ big: "b", middle: "m", small: "b" });
  });

  test("of a stranger's file gets that file's key only", () => {
    const file = { path: ".env", trusted: false, values: { BIG_BASE_URL: "https://stranger.example/v1" } };
    const foreign = () => readConfig({ flags: {}, env: { ...base, BIG_API_KEY: "sk-big" }, file });
    expect(foreign).toThrow("may not set this");
  });
});
