import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ConfigError } from "../../src/config/config-error.ts";
import { type Config, type ConfigSources, listSettings, readConfig } from "../../src/config/read-config.ts";
import { variables } from "../../src/config/variables.ts";

type Given = Partial<ConfigSources>;

const read = ({ flags = {}, env = {}, file, demo = false, fallbacks = {} }: Given): Config =>
  readConfig({ flags, env, file, demo, fallbacks });

const withKey = (env: Record<string, string>): Config => read({ env: { OPENAI_API_KEY: "k", ...env } });

function problemsOf(given: Given): readonly string[] {
  try {
    read(given);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const problemsWithKey = (env: Record<string, string>): readonly string[] =>
  problemsOf({ env: { OPENAI_API_KEY: "k", ...env } });

describe("defaults", () => {
  test("a key is enough", () => {
    expect(withKey({})).toMatchObject({
      backend: {
        apiKey: "k",
        baseUrl: "https://openrouter.ai/api/v1",
        azureApiVersion: undefined,
        name: undefined,
        customHeaders: {},
      },
      models: { big: "openai/gpt-5.4", middle: "openai/gpt-5.4-mini", small: "openai/gpt-5.4-nano" },
      limits: { maxTokens: 128_000, minTokens: 1024 },
      server: { host: "127.0.0.1", port: 8082, clientKey: undefined, allowedOrigins: [] },
      log: { level: "INFO", format: "text" },
      compression: { mode: "none", maxSystemTokens: undefined },
      envFile: undefined,
    });
  });

  test("BACKEND_DIALECT takes the backends' names, in any case, and nothing else", () => {
    expect(withKey({ BACKEND_DIALECT: "vLLM" }).backend.name).toBe("vllm");
    expect(withKey({ BACKEND_DIALECT: "generic" }).backend.name).toBe("generic");
    expect(problemsWithKey({ BACKEND_DIALECT: "constructor" }).join()).toContain(
      "must be one of openrouter, ",
    );
  });

  test.each([
    ["BACKEND_DIALECT", "Olama", "ollama"],
    ["LOG_LEVEL", "debgu", "DEBUG"],
    ["PROMPT_COMPRESSION", "compct", "compact"],
  ])("%s=%s may be meant as %s", (name, given, meant) => {
    expect(problemsWithKey({ [name]: given }).join()).toEndWith(`; did you mean ${meant}?`);
  });

  test("a search service that cannot be asked is worth a warning", () => {
    const warnings = (env: Record<string, string>) => withKey(env).warnings;
    expect(warnings({ SEARCH_API: "brave" })).toEqual([
      "SEARCH_API=brave needs SEARCH_API_KEY, which is not set; web searches will fail",
    ]);
    expect(warnings({ SEARCH_API: "searxng" }).join()).toContain("needs SEARCH_API_URL");
    expect(warnings({ SEARCH_API: "searxng", SEARCH_API_URL: "http://s" })).toEqual([]);
    expect(warnings({ SEARCH_API: "brave", SEARCH_API_KEY: "k" })).toEqual([]);
    expect(warnings({})).toEqual([]);
  });

  test("all of it is frozen", () => {
    const config = withKey({ CUSTOM_HEADER_A: "b" });
    const parts: object[] = [config, config.backend, config.backend.customHeaders, config.models];
    parts.push(config.limits, config.server, config.server.allowedOrigins, config.log, config.compression);
    expect(parts.every(Object.isFrozen)).toBe(true);
  });

  test("an empty text counts as unset", () => {
    expect(withKey({ PORT: "", HOST: " ", ANTHROPIC_API_KEY: "", CUSTOM_HEADER_A: "" })).toEqual(withKey({}));
  });

  test("a client key opens the default address, and an explicit address takes precedence", () => {
    expect(withKey({ ANTHROPIC_API_KEY: "c" }).server.host).toBe("127.0.0.1");
    expect(withKey({ ANTHROPIC_API_KEY: "c", HOST: "::1" }).server.host).toBe("::1");
  });

  test("the middle model defaults to a big model that is set", () => {
    expect(withKey({ BIG_MODEL: "b" }).models).toMatchObject({ big: "b", middle: "b" });
    expect(withKey({ BIG_MODEL: "b", MIDDLE_MODEL: "m" }).models.middle).toBe("m");
  });
});

describe("precedence", () => {
  const file = {
    path: "/p/.env",
    trusted: true,
    values: { OPENAI_API_KEY: "file", PORT: "1", SMALL_MODEL: "s" },
  };

  test("a command's own defaults rank between the file and the general defaults", () => {
    const fallbacks = { LOG_LEVEL: "WARNING" };
    expect(read({ env: { OPENAI_API_KEY: "k" }, fallbacks }).log.level).toBe("WARNING");
    expect(read({ env: { OPENAI_API_KEY: "k", LOG_LEVEL: "debug" }, fallbacks }).log.level).toBe("DEBUG");
  });

  test("a key from stdin is reported under its flag, and hidden", () => {
    const problems = problemsOf({ flags: { OPENAI_API_KEY: "sk geheim" } }).join();
    expect(problems).toContain("--api-key-stdin (hidden, 9 characters)");
    expect(problems).not.toContain("geheim");
  });

  test("flag over environment over file over default", () => {
    expect(read({ file }).server.port).toBe(1);
    expect(read({ file, env: { PORT: "2" } }).server.port).toBe(2);
    expect(read({ file, env: { PORT: "2" }, flags: { PORT: "3" } }).server.port).toBe(3);
    expect(read({ file, env: { SMALL_MODEL: "" } }).models.small).toBe("s");
    expect(read({ file }).envFile).toBe("/p/.env");
  });
});

describe("a row is all that a variable needs", () => {
  /** For every variable, a valid value that is not its default. */
  const samples = [
    "7",
    "7000",
    "https://h.example",
    "http://localhost:1",
    "a-1",
    "generic",
    "responses",
    "compact",
    "DEBUG",
    "json",
    "brave",
    "name=value",
  ];

  /** Every value of a configuration, by its path; the list of backends is made from the others. */
  const flatten = ({ backends, warnings, ...config }: Config) =>
    Object.entries(config).flatMap(([part, fields]) =>
      Object.entries(Object(fields)).map(([field, value]) => [`${part}.${field}`, JSON.stringify(value)]),
    );

  test.each(variables.map((row) => [row.name, row] as const))("%s sets its own place", (name, row) => {
    const base = { ANTHROPIC_API_KEY: "c", HOST: "::1", BIG_MODEL: "b", MIDDLE_MODEL: "m", SMALL_MODEL: "s" };
    const before = Object.fromEntries(flatten(withKey(base)));
    const sample = samples.find((text) => problemsWithKey({ ...base, [name]: text }).length === 0);
    if (sample === undefined) throw new Error(`No sample is valid for ${name}; add one`);
    const after = flatten(withKey({ ...base, [name]: sample }));
    const changed = after.filter(([place = "", value]) => before[place] !== value).map(([place]) => place);
    expect(changed).toEqual([`${row.place.part}.${row.place.field}`]);
  });
});

test("a password in a refused base URL is not shown", () => {
  const [problem] = problemsWithKey({ OPENAI_BASE_URL: "https://u:s3cret@h/v1?token=s3cret" });
  expect(problem).not.toContain("s3cret");
});

test("variables with a common prefix make one value, and are refused one by one", () => {
  const config = withKey({ CUSTOM_HEADER_X_TITLE: "a", CUSTOM_HEADER_HTTP_REFERER: "https://b" });
  expect(config.backend.customHeaders).toEqual({ "X-Title": "a", "Http-Referer": "https://b" });
  const [problem, ...others] = problemsWithKey({ CUSTOM_HEADER_X_TITLE: "a", CUSTOM_HEADER_HOST: "b" });
  expect(problem).toStartWith("CUSTOM_HEADER_HOST");
  expect(others).toEqual([]);
});

describe("errors", () => {
  test("all are reported at once, with the allowed values and without secrets", () => {
    const env = {
      OPENAI_API_KEY: "sk-secret with spaces",
      ANTHROPIC_API_KEY: "geheim–key",
      CUSTOM_HEADER_COOKIE: "secret\ncookie",
      LOG_LEVEL: "loud",
      MAX_TOKENS_LIMIT: "0",
    };
    const problems = problemsOf({ env, flags: { PORT: "x" } });
    expect(problems).toHaveLength(6);
    expect(problems.join("\n")).not.toMatch(/secret|geheim/);
    expect(problems).toContain('--port="x": must be a whole number from 0 to 65535');
    expect(problems).toContain('LOG_LEVEL="loud": must be one of DEBUG, INFO, WARNING, ERROR');
  });

  test("a header of the collector is reported under the variable that lists it", () => {
    expect(problemsWithKey({ OTEL_EXPORTER_OTLP_HEADERS: "a=1,host=x" })).toEqual([
      "OTEL_EXPORTER_OTLP_HEADERS (hidden, 10 characters): must name another header: the proxy sets host itself",
    ]);
  });

  test("a model with two wrong lines is reported once, under its own name", () => {
    expect(problemsWithKey({ BIG_MODEL: "a\nb" })).toHaveLength(1);
  });

  test("control characters from a file do not reach the terminal", () => {
    const file = { path: "/p\u001b[2J/.env", trusted: false, values: { HOST: "\u009b2J\u001b[2J" } };
    try {
      read({ file });
      expect.unreachable();
    } catch (error) {
      expect(String(error).replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    }
  });

  test("any texts give either a configuration or errors, and secrets never show", () => {
    const names = fc.constantFrom(
      ...variables.map(({ name }) => name),
      "CUSTOM_HEADER_X",
      "CUSTOM_HEADER_Ü",
      "OTHER",
    );
    const secret = fc.string({ minLength: 6, unit: "binary" }).map((text) => `geheim${text}`);
    fc.assert(
      fc.property(fc.dictionary(names, fc.string({ unit: "binary" })), secret, (env, key) => {
        const problems = problemsOf({ env: { ...env, OPENAI_API_KEY: key, CUSTOM_HEADER_X: key } });
        expect(problems.join()).not.toContain("geheim");
      }),
      { numRuns: 300 },
    );
  });

  test("a missing key is marked as such", () => {
    for (const env of [{}, { OPENAI_API_KEY: "" }]) {
      try {
        read({ env });
        expect.unreachable();
      } catch (error) {
        expect(error).toMatchObject({ keyMissing: { searched: [], passedOver: undefined } });
      }
    }
  });
});

describe("a .env found in the working directory", () => {
  const found = (values: Record<string, string>) => ({ path: "/w/.env", trusted: false, values });
  const env = { OPENAI_API_KEY: "mine" };

  test.each(["OPENAI_BASE_URL", "HOST", "ANTHROPIC_API_KEY", "ALLOWED_ORIGINS", "CUSTOM_HEADER_X_TARGET"])(
    "may not set %s for a key from elsewhere",
    (name) => {
      const value = name === "HOST" ? "0.0.0.0" : "https://evil.example";
      const problems = problemsOf({ env, file: found({ [name]: value }) });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain("/w/.env");
      expect(problems[0]).toContain("--env-file");
    },
  );

  test("may not set the base URL with a key that is not the one in use", () => {
    const file = found({ OPENAI_BASE_URL: "https://evil.example", OPENAI_API_KEY: "theirs" });
    expect(problemsOf({ env, file })).toHaveLength(1);
    expect(read({ file }).backend).toMatchObject({ apiKey: "theirs", baseUrl: "https://evil.example" });
  });

  test("may set the base URL for the key it contains, or where the environment overrides it", () => {
    const values = { OPENAI_BASE_URL: "https://h.example/v1", OPENAI_API_KEY: "mine" };
    expect(read({ env, file: found(values) }).backend.baseUrl).toBe("https://h.example/v1");
    const overruled = read({
      env: { ...env, OPENAI_BASE_URL: "https://mine.example" },
      file: found({ OPENAI_BASE_URL: "https://evil.example" }),
    });
    expect(overruled.backend.baseUrl).toBe("https://mine.example");
  });

  test("may not send the key of a search service from elsewhere to an address of its own", () => {
    const values = { OPENAI_API_KEY: "theirs", SEARCH_API: "brave", SEARCH_API_URL: "https://evil.example" };
    const problems = problemsOf({ env: { SEARCH_API_KEY: "mine" }, file: found(values) });
    expect(problems).toHaveLength(2);
    for (const problem of problems) expect(problem).toContain("SEARCH_API_KEY comes from elsewhere");
    const own = { ...values, SEARCH_API_KEY: "theirs" };
    expect(read({ file: found(own) }).search.baseUrl).toBe("https://evil.example");
  });

  test("may set harmless values", () => {
    expect(read({ env, file: found({ PORT: "1", BIG_MODEL: "b" }) }).server.port).toBe(1);
  });

  test("may set everything when it was named", () => {
    const file = { ...found({ OPENAI_BASE_URL: "https://h.example/v1" }), trusted: true };
    expect(read({ env, file }).backend.baseUrl).toBe("https://h.example/v1");
  });
});

describe("demo", () => {
  test("needs no key and ignores the backend's settings", () => {
    const config = read({
      demo: true,
      env: { OPENAI_API_KEY: "mine", AZURE_API_VERSION: "2024-10-21", CUSTOM_HEADER_A: "b", PORT: "1" },
    });
    expect(config.backend).toMatchObject({ apiKey: "demo", azureApiVersion: undefined, customHeaders: {} });
    expect(config.server.port).toBe(1);
  });

  test("still refuses a network address from an untrusted file", () => {
    const values = { HOST: "0.0.0.0", OPENAI_BASE_URL: "https://evil.example" };
    const problems = problemsOf({ demo: true, file: { path: "/w/.env", trusted: false, values } });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toStartWith("HOST=");
  });
});

describe("a key in the wrong variable", () => {
  const names = variables.map((row) => row.name.replace("*", "HOST"));
  test.each(names)("%s is not shown by the error", (name) => {
    for (const key of [
      "sk-canary-0123456789",
      "c4n4ryc4n4ryc4n4ry",
      "https://me:c4n4ryc4n4ry@host/c4n4ryc4n4ry",
    ])
      for (const from of ["env", "flags"] as const) {
        const sources = { flags: {}, env: { OPENAI_API_KEY: "k" }, file: undefined };
        try {
          readConfig({ ...sources, [from]: { ...sources[from], [name]: key } });
        } catch (error) {
          expect(String(error)).toContain("Cannot start");
          expect(String(error)).not.toMatch(/canary|c4n4ry/);
        }
      }
  });
});

test("a listed value shows no key in the wrong place, no password, and steers no terminal", () => {
  const env = {
    BIG_MODEL: "sk-geheim123",
    OPENAI_BASE_URL: "https://u:geheim@h/v1",
    SMALL_MODEL: "a\u001b[2J",
  };
  const listed = listSettings({ flags: {}, env, file: undefined });
  expect(JSON.stringify(listed)).not.toContain("geheim");
  expect(listed.find(({ name }) => name === "OPENAI_BASE_URL")?.value).toBe("https://***@h/v1");
  expect(listed.find(({ name }) => name === "SMALL_MODEL")?.value).toBe("a [2J");
});

test("with the demo, nothing about a backend is listed, as nothing of it is in force", () => {
  const env = { OPENAI_API_KEY: "geheim", BIG_MODEL: "b", HOST: "127.0.0.2", CUSTOM_HEADER_X: "a" };
  const listed = listSettings({ flags: {}, env, file: undefined, demo: true }).map(({ name }) => name);
  expect(listed).toContain("HOST");
  expect(listed.filter((name) => /^(?:OPENAI_|AZURE_|BIG_|CUSTOM_HEADER_)/.test(name))).toEqual([]);
});

test("every value is listed with its origin, and secrets are hidden", () => {
  const file = { path: "/h/.env", values: { BIG_MODEL: "b" }, trusted: true };
  const env = { OPENAI_API_KEY: "geheim", CUSTOM_HEADER_X: "geheim" };
  const listed = new Map(listSettings({ flags: { PORT: "1" }, env, file }).map((row) => [row.name, row]));
  expect(listed.get("OPENAI_API_KEY")).toMatchObject({
    value: "(hidden, 6 characters)",
    origin: "environment",
  });
  expect(listed.get("CUSTOM_HEADER_X")?.value).toContain("hidden");
  expect(listed.get("PORT")).toMatchObject({ value: "1", origin: "--port" });
  expect(listed.get("BIG_MODEL")).toMatchObject({ value: "b", origin: "/h/.env" });
  expect(listed.get("MIDDLE_MODEL")).toMatchObject({ value: "b", origin: "default" });
  expect(listed.get("HOST")).toMatchObject({ value: "127.0.0.1", origin: "default" });
});
