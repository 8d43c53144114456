import { describe, expect, test } from "bun:test";
import { createCatalog, type ModelFacts } from "../../src/catalog/models.ts";
import {
  type ChildFacts,
  chooseClientKey,
  findOtherServer,
  listShownTiers,
  makeChildEnvironment,
} from "../../src/commands/make-child-environment.ts";

const models = { big: "openai/gpt-5.4", middle: "openai/gpt-5.4-mini", small: "nano" };

function make(
  env: Record<string, string>,
  known: readonly ModelFacts[] = [],
  changes: Partial<ChildFacts> = {},
) {
  const catalog = createCatalog();
  catalog.replace(known, 0);
  return makeChildEnvironment({
    env,
    url: "http://127.0.0.1:1",
    clientKey: "run-key",
    takesCallersKey: false,
    secretVariables: [],
    models,
    factsOf: (tier) => catalog.facts((changes.models ?? models)[tier]),
    backendOf: () => undefined,
    mayBeClient: true,
    usesKnownNames: false,
    ...changes,
  });
}

const windowsOf = (env: ReturnType<typeof make>) => ({
  context: env.CLAUDE_CODE_MAX_CONTEXT_TOKENS,
  compact: env.CLAUDE_CODE_AUTO_COMPACT_WINDOW,
  output: env.CLAUDE_CODE_MAX_OUTPUT_TOKENS,
});

test("another client finds its key where it looks, and never one of the user's", () => {
  const env = { ANTHROPIC_API_KEY: "sk-ant-real" };
  expect(make(env)).not.toHaveProperty("ANTHROPIC_API_KEY");
  const given = make(env, [], { mayBeClient: false });
  expect([given.ANTHROPIC_API_KEY, given.ANTHROPIC_AUTH_TOKEN]).toEqual(["run-key", "run-key"]);
  const elsewhere = { ANTHROPIC_BASE_URL: "http://other" };
  expect(make(elsewhere, [], { mayBeClient: false })).not.toHaveProperty("ANTHROPIC_API_KEY");
});

test("sets the proxy's address, its key and its models, and disables the 1M context", () => {
  expect(make({ PATH: "/bin" })).toEqual({
    PATH: "/bin",
    ANTHROPIC_BASE_URL: "http://127.0.0.1:1",
    ANTHROPIC_AUTH_TOKEN: "run-key",
    CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: "1",
    ANTHROPIC_DEFAULT_FABLE_MODEL: "openai/gpt-5.4",
    ANTHROPIC_DEFAULT_FABLE_MODEL_NAME: "openai/gpt-5.4",
    ANTHROPIC_DEFAULT_FABLE_MODEL_DESCRIPTION: "big, for Fable",
    ANTHROPIC_DEFAULT_OPUS_MODEL: "openai/gpt-5.4",
    ANTHROPIC_DEFAULT_OPUS_MODEL_NAME: "openai/gpt-5.4",
    ANTHROPIC_DEFAULT_OPUS_MODEL_DESCRIPTION: "big",
    ANTHROPIC_DEFAULT_SONNET_MODEL: "openai/gpt-5.4-mini",
    ANTHROPIC_DEFAULT_SONNET_MODEL_NAME: "openai/gpt-5.4-mini",
    ANTHROPIC_DEFAULT_SONNET_MODEL_DESCRIPTION: "middle",
    ANTHROPIC_DEFAULT_HAIKU_MODEL: "nano",
    ANTHROPIC_DEFAULT_HAIKU_MODEL_NAME: "nano",
    ANTHROPIC_DEFAULT_HAIKU_MODEL_DESCRIPTION: "small",
    CLAUDE_CODE_AUTO_MODE_SERVER: "0",
    CLAUDE_CODE_GATEWAY_HINT_HEADERS: "1",
    CLAUDE_CODE_DISABLE_1M_CONTEXT: "1",
    CLAUDE_CODE_MAX_CONTEXT_TOKENS: "200000",
    NO_PROXY: "127.0.0.1,localhost,::1",
    no_proxy: "127.0.0.1,localhost,::1",
  });
});

test("a model whose name looks like another tier's goes by its alias", () => {
  const env = make({}, [], { models: { big: "a/opus-1", middle: "a/opus-2", small: "a/haiku" } });
  expect(env.ANTHROPIC_DEFAULT_OPUS_MODEL).toBe("a/opus-1");
  expect(env.ANTHROPIC_DEFAULT_SONNET_MODEL).toBe("claude/a/opus-2");
  expect(env.ANTHROPIC_DEFAULT_HAIKU_MODEL).toBe("a/haiku");
});

test("the picker shows the tiers that have no model of the user's own, if it is our server that it shows", () => {
  expect(new Set(listShownTiers({}))).toEqual(new Set(["big", "middle", "small"] as const));
  const own = { ANTHROPIC_DEFAULT_SONNET_MODEL: "mine", ANTHROPIC_DEFAULT_OPUS_MODEL: "mine" };
  // Fable still shows the big model.
  expect(new Set(listShownTiers(own))).toEqual(new Set(["big", "small"] as const));
  expect(listShownTiers({ CLAUDE_CODE_USE_BEDROCK: "1" })).toEqual([]);
});

describe("the picker", () => {
  const known = {
    id: models.big,
    displayName: "GPT-5.4",
    contextWindow: 400_000,
    price: { input: 1.25, output: 10 },
  };

  test("shows each tier's model by name, window and price", () => {
    expect(make({}, [known])).toMatchObject({
      ANTHROPIC_DEFAULT_OPUS_MODEL_NAME: "GPT-5.4",
      ANTHROPIC_DEFAULT_OPUS_MODEL_DESCRIPTION: "big · 400k · $1.25/$10",
    });
  });

  test("shows what a server's only model is, whatever name it is asked by", () => {
    const file = { id: "qwen3.gguf", contextWindow: 32_768 };
    expect(make({}, [file], { factsOf: () => file })).toMatchObject({
      ANTHROPIC_DEFAULT_HAIKU_MODEL_DESCRIPTION: "small · 33k",
      CLAUDE_CODE_MAX_CONTEXT_TOKENS: "32768",
    });
  });

  test("shows models by their own names where Claude Code gets names that it knows", () => {
    expect(make({}, [], { usesKnownNames: true })).toMatchObject({
      ANTHROPIC_DEFAULT_OPUS_MODEL: "claude-opus-4-8",
      ANTHROPIC_DEFAULT_OPUS_MODEL_NAME: models.big,
    });
  });

  test("has no words of ours for a model of the user's own, and none that steer a terminal", () => {
    const own = make({ ANTHROPIC_DEFAULT_OPUS_MODEL: "mine" }, [known]);
    expect(own.ANTHROPIC_DEFAULT_OPUS_MODEL).toBe("mine");
    expect(own).not.toHaveProperty("ANTHROPIC_DEFAULT_OPUS_MODEL_NAME");
    const rude = make({}, [{ ...known, displayName: "a\u001b[2Jb" }]);
    expect(rude.ANTHROPIC_DEFAULT_OPUS_MODEL_NAME).toBe("a [2Jb");
  });
});

describe("context windows", () => {
  const big = (contextWindow: number, maxOutput?: number): ModelFacts => ({
    id: models.big,
    contextWindow,
    maxOutput,
  });

  test("of every size switch off the assumption of a million tokens", () => {
    expect(make({}, [big(400_000)])).toHaveProperty("CLAUDE_CODE_DISABLE_1M_CONTEXT", "1");
    expect(make({}, [big(200_000)])).toHaveProperty("CLAUDE_CODE_DISABLE_1M_CONTEXT", "1");
  });

  test("that are unknown are taken to be the usual one", () => {
    expect(windowsOf(make({}))).toEqual({ context: "200000", compact: undefined, output: undefined });
    expect(windowsOf(make({}, [{ id: "nano", contextWindow: 8000 }])).context).toBe("200000");
  });

  test("the smallest one of the conversation's models counts", () => {
    const middle = { id: models.middle, contextWindow: 200_000, maxOutput: 128_000 };
    expect(windowsOf(make({}, [big(400_000, 128_000), middle]))).toEqual({
      context: "200000",
      compact: "200000",
      output: undefined,
    });
  });

  test("values outside the client's range become the nearest allowed value", () => {
    expect(windowsOf(make({}, [big(64_000)]))).toEqual({
      context: "64000",
      compact: "100000",
      output: "16000",
    });
    expect(windowsOf(make({}, [big(2_000_000)]))).toMatchObject({ context: "2000000", compact: "1000000" });
  });

  test("an output limit below the client's request is set", () => {
    expect(windowsOf(make({}, [big(200_000, 8192)])).output).toBe("8192");
  });
});

describe("the user's own settings", () => {
  test("are kept, and an empty text counts as unset", () => {
    const env = make({
      CLAUDE_CODE_DISABLE_1M_CONTEXT: "0",
      ANTHROPIC_DEFAULT_OPUS_MODEL: "mine",
      CLAUDE_CODE_AUTO_MODE_SERVER: "",
      EMPTY: "",
    });
    expect(env).toMatchObject({
      CLAUDE_CODE_DISABLE_1M_CONTEXT: "0",
      ANTHROPIC_DEFAULT_OPUS_MODEL: "mine",
      CLAUDE_CODE_AUTO_MODE_SERVER: "0",
      EMPTY: "",
    });
  });

  test("loopback addresses are appended to each NO_PROXY", () => {
    const loopback = "127.0.0.1,localhost,::1";
    const both = make({ NO_PROXY: "a", no_proxy: "b" });
    expect([both.NO_PROXY, both.no_proxy]).toEqual([`a,${loopback}`, `b,${loopback}`]);
    const one = make({ NO_PROXY: "a" });
    expect([one.NO_PROXY, one.no_proxy]).toEqual([`a,${loopback}`, `a,${loopback}`]);
    const all = make({ no_proxy: "*" });
    expect([all.NO_PROXY, all.no_proxy]).toEqual([loopback, "*"]);
  });

  test("backend secrets, Anthropic keys and variables that make Bun run other code are removed", () => {
    const env = make({
      OPENAI_API_KEY: "sk",
      CUSTOM_HEADER_X_TOKEN: "t",
      ANTHROPIC_API_KEY: "sk-ant",
      BUN_OPTIONS: "--preload=x",
      BUN_BE_BUN: "1",
      BUN_CONFIG_VERBOSE_FETCH: "curl",
      BUN_CONFIG_MAX_HTTP_REQUESTS: "65535",
      BUN_JSC_thresholdForFTLOptimizeAfterWarmUp: "1000000",
      BUN_INSPECT_PRELOAD: "x",
      BUN_INSTALL: "/home/me/.bun",
      OPENAI_ORG: "mine",
    });
    for (const name of [
      "OPENAI_API_KEY",
      "CUSTOM_HEADER_X_TOKEN",
      "ANTHROPIC_API_KEY",
      "BUN_OPTIONS",
      "BUN_BE_BUN",
      "BUN_CONFIG_VERBOSE_FETCH",
      "BUN_CONFIG_MAX_HTTP_REQUESTS",
      "BUN_JSC_thresholdForFTLOptimizeAfterWarmUp",
      "BUN_INSPECT_PRELOAD",
    ])
      expect(env).not.toHaveProperty([name]);
    expect(env).toMatchObject({ BUN_INSTALL: "/home/me/.bun", OPENAI_ORG: "mine" });
  });

  test("variables in which a config.toml has its keys are removed, whatever their names", () => {
    const given = { ROUTER_KEY: "sk", Team_Header: "t", ROUTER_HOST: "h" };
    const named = { secretVariables: ["ROUTER_KEY", "TEAM_HEADER"] };
    for (const env of [given, { ...given, ANTHROPIC_BASE_URL: "https://api.example" }])
      expect(Object.keys(make(env, [], named)).filter((name) => /Router|Team/i.test(name))).toEqual([
        "ROUTER_HOST",
      ]);
    const own = { ANTHROPIC_API_KEY: "sk-ant" };
    const callers = { secretVariables: ["ANTHROPIC_API_KEY"], takesCallersKey: true };
    expect(make(own, [], callers)).toMatchObject(own);
  });

  test("a base URL of the user's own bypasses the proxy: nothing is set, and their key stays", () => {
    const given = {
      ANTHROPIC_BASE_URL: "https://api.example",
      ANTHROPIC_API_KEY: "sk-ant",
      OPENAI_API_KEY: "sk",
    };
    expect(findOtherServer(given)).toBe("ANTHROPIC_BASE_URL");
    expect(make(given)).toEqual({
      ANTHROPIC_BASE_URL: "https://api.example",
      ANTHROPIC_API_KEY: "sk-ant",
      NO_PROXY: "127.0.0.1,localhost,::1",
      no_proxy: "127.0.0.1,localhost,::1",
    });
    expect(findOtherServer({ CLAUDE_CODE_USE_BEDROCK: "1" })).toBe("CLAUDE_CODE_USE_BEDROCK");
    expect(findOtherServer({ ANTHROPIC_BASE_URL: "" })).toBeUndefined();
  });
});

test("the client key is random, unless the user has set a valid token", () => {
  expect(chooseClientKey({})).not.toBe(chooseClientKey({}));
  expect(chooseClientKey({ ANTHROPIC_AUTH_TOKEN: "mine" })).toBe("mine");
  expect(chooseClientKey({ ANTHROPIC_AUTH_TOKEN: "no\nkey" })).toStartWith("run-");
  expect(make({ ANTHROPIC_AUTH_TOKEN: "no\nkey" }).ANTHROPIC_AUTH_TOKEN).toBe("run-key");
});

test("with several backends, the client asks by the names of tiers, and sees where each goes", () => {
  const facts = { id: "qwen3", contextWindow: 64_000 };
  const env = make({}, [], {
    backendOf: () => "local",
    factsOf: () => facts,
    models: { ...models, middle: "*" },
  });
  expect(env).toMatchObject({
    ANTHROPIC_DEFAULT_OPUS_MODEL: "opus-route",
    ANTHROPIC_DEFAULT_OPUS_MODEL_DESCRIPTION: "big · at local · 64k",
    ANTHROPIC_DEFAULT_HAIKU_MODEL: "haiku-route",
    CLAUDE_CODE_MAX_CONTEXT_TOKENS: "64000",
  });
  // Its own names are passed on.
  expect(env.ANTHROPIC_DEFAULT_SONNET_MODEL).toBeUndefined();
});

test("what other programs read too is left to the command, and keys of clients are not", () => {
  const env = {
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20x",
    CLIENT_KEYS: "ann:key-1",
    METRICS_KEY: "m",
  };
  const child = make(env);
  expect(child.OTEL_EXPORTER_OTLP_HEADERS).toBe(env.OTEL_EXPORTER_OTLP_HEADERS);
  expect([child.CLIENT_KEYS, child.METRICS_KEY]).toEqual([undefined, undefined]);
});

describe("with a backend that takes the user's own login", () => {
  const callers = { takesCallersKey: true };

  test("the proxy's key leaves room for it", () => {
    const env = make({ ANTHROPIC_AUTH_TOKEN: "run-key", ANTHROPIC_CUSTOM_HEADERS: "x-team: a" }, [], callers);
    expect(env.ANTHROPIC_AUTH_TOKEN).toBeUndefined();
    expect(env.ANTHROPIC_CUSTOM_HEADERS).toBe("x-team: a\nx-api-key: run-key");
  });

  test("a key of the user's own goes along, and the proxy's in the other header", () => {
    const env = make({ ANTHROPIC_API_KEY: "sk-ant-own", OPENAI_API_KEY: "secret" }, [], callers);
    expect(env).toMatchObject({ ANTHROPIC_API_KEY: "sk-ant-own", ANTHROPIC_AUTH_TOKEN: "run-key" });
    expect(env.OPENAI_API_KEY).toBeUndefined();
    expect(env.ANTHROPIC_CUSTOM_HEADERS).toBeUndefined();
  });
});
