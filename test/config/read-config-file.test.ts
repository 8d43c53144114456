import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readConfigFile } from "../../src/config/read-config-file.ts";

const env = { ROUTER_KEY: "sk-router", HOST_OF_LOCAL: "localhost:11434" };
const files: Readonly<Record<string, string>> = {
  "/run/key": "sk-file\n",
  "/etc/ccp/second": "sk-second",
  "/run/empty": "",
};

function read(text: string, isShared = false) {
  return readConfigFile({
    path: "/etc/ccp/config.toml",
    text,
    isShared,
    env,
    readFile: (path) => files[path],
  });
}

const whole = `
[backends.router]
url = "https://openrouter.ai/api/v1"
keys = ["\${ROUTER_KEY}", "file:/run/key", "file:second"]
headers = { "X-Title" = "\${ROUTER_KEY}" }
first_token_timeout = 20
[backends.local]
url = "http://\${HOST_OF_LOCAL}/v1"
dialect = "ollama"
protocol = "responses"
max_concurrent = 2
[routes]
opus = ["router@a/b", "fast"]
subagent = { targets = "local@q", first_token_timeout = 2.5 }
"agent:Explore" = "local@q"
"claude-*" = "router@*"
fable = "router@f"
default = "local@q"
[aliases]
fast = ["local@q", "router@z"]
`;

describe("the caller's key", () => {
  const backend = (lines: string) => read(`[backends.claude]\nurl = "https://gateway.example"\n${lines}`);

  test("is for a backend that takes Anthropic's own format", () => {
    const { backends, problems, warnings } = backend('protocol = "anthropic"\nkeys = "caller"');
    expect([...problems, ...warnings]).toEqual([]);
    expect(backends).toMatchObject([{ takesCallersKey: true, apiKey: "none", spareKeys: [] }]);
    const anthropic = read('[backends.claude]\nurl = "https://api.anthropic.com"\nkeys = "caller"');
    expect(anthropic).toMatchObject({ problems: [], backends: [{ takesCallersKey: true }] });
  });

  test.each([
    ['keys = "caller"', 'backends.claude.keys: must not be "caller" without protocol = "anthropic"'],
    ['protocol = "chat"\nkeys = "caller"', 'backends.claude.keys: must not be "caller" without'],
    ['protocol = "anthropic"\nkeys = ["caller", "k"]', 'backends.claude.keys: must be "caller" alone'],
  ])("%p is a mistake", (lines, problem) => {
    expect(backend(lines).problems).toEqual([expect.stringContaining(problem)]);
  });
});

describe("a whole file", () => {
  const file = read(whole);

  test("has backends, with keys from the environment and from files", () => {
    expect(file.problems).toEqual([]);
    expect(file.backends).toEqual([
      {
        id: "router",
        apiKey: "sk-router",
        spareKeys: ["sk-file", "sk-second"],
        takesCallersKey: false,
        baseUrl: "https://openrouter.ai/api/v1",
        name: undefined,
        azureApiVersion: undefined,
        customHeaders: { "X-Title": "sk-router" },
        requestTimeout: undefined,
        firstTokenTimeout: 20,
        maxConcurrent: undefined,
      },
      expect.objectContaining({
        id: "local",
        apiKey: "none",
        spareKeys: [],
        baseUrl: "http://localhost:11434/v1",
        name: "ollama",
        protocol: "responses",
        maxConcurrent: 2,
      }),
    ]);
  });

  test("has routes and aliases, and a route may lead to an alias", () => {
    const rows = file.routes.map(({ when, key, targets }) => [
      when.kind,
      key,
      targets.map(({ backend, model }) => `${backend}@${model}`).join(" "),
    ]);
    expect(rows).toEqual([
      ["alias", "fast", "local@q router@z"],
      ["tier", "opus", "router@a/b local@q router@z"],
      ["class", "subagent", "local@q"],
      ["agent", "agent:Explore", "local@q"],
      ["name", "claude-*", "router@*"],
      ["name", "fable", "router@f"],
      ["default", "default", "local@q"],
    ]);
    expect(file.routes[2]?.firstTokenTimeout).toBe(2.5);
  });

  test("says which variables hold secrets", () => {
    expect(file.secretVariables).toEqual(["ROUTER_KEY"]);
    const inFile = `[backends.a]\nurl = "http://\${HOST_OF_LOCAL}/v1"\nkeys = "file:/run/\${ROUTER_KEY}"`;
    expect(read(inFile).secretVariables).toEqual([]);
  });

  test.each([
    ["opuss", "opus"],
    ["mian", "main"],
    ["fables", "fable"],
    ["defualt", "default"],
    ["agnet:Explore", "agent:Explore"],
    ["agents:x:*", "agent:x:*"],
  ])("warns that %s may be meant as %s", (key, meant) => {
    const text = `[backends.a]\nurl = "http://a/v1"\n[routes]\n"${key}" = "a@m"\n`;
    expect(read(text).warnings).toEqual([
      `/etc/ccp/config.toml, line 4: routes.${key} is taken as the name of a model; did you mean ${meant}?`,
    ]);
    expect(read(text.replace(key, meant)).warnings).toEqual([]);
    for (const other of ["gpt-5.4", "claude-*", "opus-*", "agent:opuss", "agnet", "qwen3:8b"])
      expect(read(text.replace(key, other)).warnings).toEqual([]);
  });

  test("warns of a key in clear that others can read", () => {
    expect(file.warnings).toEqual([]);
    expect(read(whole, true).warnings).toEqual([]);
    const clear = '[backends.a]\nurl = "https://a.example/v1"\nkeys = "sk-clear"';
    expect(read(clear, true).warnings.join()).toContain("chmod 600");
    expect(read(clear).warnings).toEqual([]);
  });
});

describe("problems", () => {
  test("are reported all at once, each with its line", () => {
    const { problems } = read(`[backends.a]
url = "a.example"
keys = ["\${MISSING}", "file:/run/none"]
max_concurent = 2
[backends.b]
max_concurrent = 0.5
keys = "file:/run/empty"
[backends.default]
url = "http://a/v1"
[routes]
opus = "a"
haiku = []
sonnet = { targets = "a@b", first_token_timeout = -1 }
[alias]
fast = "a@b"
`);
    const place = "/etc/ccp/config.toml, line";
    for (const line of [
      `${place} 2: backends.a.url: must be an http:// or https:// URL`,
      `${place} 3: backends.a.keys: the variable MISSING is not set`,
      `${place} 3: backends.a.keys: there is no file /run/none`,
      `${place} 4: backends.a.max_concurent: there is no such setting; did you mean max_concurrent?`,
      `${place} 5: backends.b.url: must be the address of a backend`,
      `${place} 6: backends.b.max_concurrent: must be a whole number`,
      `${place} 7: backends.b.keys: the file /run/empty is empty`,
      `${place} 8: backends.default: must have another name`,
      `${place} 11: routes.opus: a must be BACKEND@MODEL or an alias`,
      `${place} 12: routes.haiku: must not be empty`,
      `${place} 13: routes.sonnet.first_token_timeout: must be greater than 0`,
      `${place} 14: alias: there is no such setting; did you mean aliases?`,
    ])
      expect(problems.filter((problem) => problem.startsWith(line))).toHaveLength(1);
    expect(problems).toHaveLength(12);
  });

  test("any setting is suggested for a name that is nearly its own", () => {
    const lines = ["protocl", "dialekt", "api_versoin", "header"].map((name) => `${name} = "a"`);
    const { problems } = read(`[backends.a]\nurl = "http://a/v1"\n${lines.join("\n")}\n`);
    expect(problems.map((problem) => problem.replace(/^.*; /, ""))).toEqual([
      "did you mean protocol?",
      "did you mean dialect?",
      "did you mean api_version?",
      "did you mean headers?",
    ]);
  });

  test("what has a mistake hides none of the others, and still has its name", () => {
    const { routes, faulty } = read(`[backends.a]
url = 3
max_concurrent = "two"
[backends.b]
url = "http://b/v1"
[routes]
opus = "nowhere@m"
haiku = 3
`);
    expect(faulty).toEqual(["a"]);
    expect(routes.map(({ key }) => key)).toEqual(["opus"]);
  });

  test("targets name a backend and a model", () => {
    const { problems } = read('[routes]\nopus = "a"\nhaiku = "a@"\n[aliases]\nfast = "a@*"\n');
    expect(problems).toEqual([
      expect.stringContaining("line 5: aliases.fast: a@* must name its model"),
      expect.stringContaining("line 2: routes.opus: a must be BACKEND@MODEL or an alias"),
      expect.stringContaining("line 3: routes.haiku: a@ must be BACKEND@MODEL or an alias"),
    ]);
  });

  test.each([
    [`\${ROUTER-KEY}`, `\${ROUTER-KEY} must be a variable`],
    [`\${ROUTER_KEY`, `\${ROUTER_KEY must be a variable`],
    [`sk-\${}`, `\${} must be a variable`],
    ["$ROUTER_KEY", `write \${ROUTER_KEY} for the variable ROUTER_KEY`],
  ])("a variable that is written wrong is never sent as a key: %s", (written, problem) => {
    const { problems } = read(`[backends.a]\nurl = "http://a/v1"\nkeys = "${written}"\n`);
    expect(problems).toEqual([expect.stringContaining(`line 3: backends.a.keys: ${problem}`)]);
  });

  test.each([
    ['[routes]\nOpus = "a@b"', "routes.Opus: must be in lower case"],
    ['[routes]\nSubagent = "a@b"', "routes.Subagent: must be in lower case"],
    ['[routes]\nclaude-3.5 = "a@b"', "put names with dots in quotes"],
    [
      '[routes]\nopus = { target = ["a@b"] }',
      "routes.opus.target: there is no such setting; did you mean targets?",
    ],
    [
      '[aliases]\nfast.targest = "a@b"',
      "aliases.fast.targest: there is no such setting; did you mean targets?",
    ],
    [
      'BIG_MODEL = "m"',
      "BIG_MODEL: there is no such setting; variables belong in the environment or in a .env file",
    ],
    [
      '[backends.a]\nurl = "http://a"\nCUSTOM_HEADER_X = "m"',
      "CUSTOM_HEADER_X: there is no such setting; variables belong",
    ],
    ['[routes]\nopus = "constructor"', "constructor must be BACKEND@MODEL or an alias"],
    ['[aliases]\n"a@b" = "a@c"', "aliases.a@b: must be a name without @ and *"],
    ['[aliases]\n"f*" = "a@c"', "aliases.f*: must be a name without @ and *"],
  ])("a key that no request could choose is one: %j", (lines, problem) => {
    expect(read(lines).problems.join("\n")).toContain(problem);
  });

  test("a text that is not TOML is refused with its line", () => {
    expect(read("a = 1\nb = \n").problems).toEqual([
      expect.stringMatching(/^\/etc\/ccp\/config\.toml, line 2: /),
    ]);
  });

  test("no text breaks the reading, and no key appears in a problem", () => {
    const lines = [
      ...whole.split("\n"),
      'keys = ["sk-clear with spaces"]',
      "]",
      "= 1",
      '"',
      "[routes",
      "opus = 1",
    ];
    const property = fc.property(fc.array(fc.constantFrom(...lines), { maxLength: 30 }), (chosen) => {
      const { problems } = read(chosen.join("\n"));
      expect(problems.join("\n")).not.toMatch(/sk-/);
    });
    fc.assert(property);
  });
});
