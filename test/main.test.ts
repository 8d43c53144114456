import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../package.json" with { type: "json" };
import { hang, startFakeUpstream, text, upstreamKey } from "./support/fake-upstream.ts";
import { checkStream } from "./support/grammar.ts";
import { type Given, isBuilt, platform, runProgram, startProgram, stopping } from "./support/program.ts";

const root = join(import.meta.dir, "..");

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "main-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const start = (words: string[], given: Partial<Given> = {}) =>
  startProgram(words, { cwd: directory, ...given });
const run = (words: string[], given: Partial<Given> = {}) => runProgram(words, { cwd: directory, ...given });

/** A running proxy, its URL read from the banner. */
async function serve(words: string[], given: Partial<Given> = {}) {
  const child = start(["--port", "0", ...words], given);
  const decoder = new TextDecoder();
  let banner = "";
  for await (const bytes of child.stdout) {
    banner += decoder.decode(bytes, { stream: true });
    // The line to copy is the last that every banner has.
    const url = /listens on (\S+)\n[\s\S]*claude\n/.exec(banner)?.[1];
    if (url) return { child, url, banner };
  }
  throw new Error(`Start the proxy: it ended early\n${banner}${await new Response(child.stderr).text()}`);
}

describe("commands that do not serve", () => {
  test("--version is one line", async () => {
    const { out, err, code } = await run(["--version"]);
    expect({ out, err, code }).toEqual({ out: `claude-code-proxy ${manifest.version}\n`, err: "", code: 0 });
  });

  test("--version --json is one line of JSON", async () => {
    const { out, code } = await run(["--version", "--json"]);
    expect(code).toBe(0);
    expect(out).toEndWith("}\n");
    expect(JSON.parse(out)).toEqual({
      name: "claude-code-proxy",
      version: manifest.version,
      commit: isBuilt ? expect.stringMatching(/^[0-9a-f]{40}/) : "unknown",
      bun: Bun.version,
      target: isBuilt ? expect.stringContaining("-") : "source",
    });
  });

  test("completions and the manual go to stdout", async () => {
    expect((await run(["completions", "bash"])).out).toContain("complete -o bashdefault");
    expect((await run(["help", "--man"])).out).toStartWith(".TH CLAUDE-CODE-PROXY 1 ");
  });

  test("--help goes to stdout", async () => {
    const { out, code } = await run(["--help"]);
    expect(code).toBe(0);
    expect(out).toContain("OPENAI_BASE_URL");
    expect(out).toContain("--env-file FILE");
  });

  test("--help after a command is about that command", async () => {
    const { out, code } = await run(["top", "--help"]);
    expect(code).toBe(0);
    expect(out).toContain("top [flags] [URL]");
    expect(out).not.toContain("--port");
  });

  test("an unknown flag exits 2 and suggests the nearest one", async () => {
    const { err, code } = await run(["--prot", "1"]);
    expect(code).toBe(2);
    expect(err).toContain("did you mean --port?");
  });

  test("a missing key exits 78 and shows the ways to start", async () => {
    const { out, err, code } = await run([]);
    expect({ out, code }).toEqual({ out: "", code: 78 });
    for (const way of ["OPENAI_API_KEY", "OPENAI_BASE_URL", isBuilt ? " --demo" : "./scripts/start --demo"])
      expect(err).toContain(way);
    expect(err.split("\n").length).toBeLessThan(11);
  });

  test("all invalid values are reported at once, with secrets hidden", async () => {
    const env = { OPENAI_API_KEY: "sk geheim", LOG_LEVEL: "loud", REQUEST_TIMEOUT: "soon" };
    const { err, code } = await run(["--port=x"], { env });
    expect(code).toBe(78);
    for (const part of ["OPENAI_API_KEY", '--port="x"', 'LOG_LEVEL="loud"', 'REQUEST_TIMEOUT="soon"'])
      expect(err).toContain(part);
    expect(err).not.toContain("geheim");
  });

  test("config shows every mistake below the values, and exits 78", async () => {
    const [envFile, configFile] = [join(directory, "broken.env"), join(directory, "broken.toml")];
    writeFileSync(envFile, "PORT=80#80\nBIG_MODEL='big\nLOG_LEVEL=loud\nSMALL_MODEL=small\n");
    writeFileSync(configFile, '[backends.a]\nurl = "nowhere"\ntimeuot = 3\n[routes]\nopus = "b@c"\n');
    const words = ["config", "--env-file", envFile, "--config", configFile];
    for (const more of [[], ["--json"]]) {
      const { out, err, code } = await run([...words, ...more]);
      expect(code).toBe(78);
      expect(out).toContain("SMALL_MODEL");
      for (const part of [
        `${envFile}, line 1: PORT is ambiguous`,
        `${envFile}, line 2: BIG_MODEL is ambiguous`,
        'LOG_LEVEL="loud"',
        `${configFile}, line 2: backends.a.url`,
        `${configFile}, line 3: backends.a.timeuot`,
      ])
        expect(err).toContain(part);
    }
  });

  test("config without a key is no mistake, and tells of misspelled names", async () => {
    const { out, err, code } = await run(["config"], { env: { SMALL_MODELS: "small" } });
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining("did you mean SMALL_MODEL?") });
    expect(out).toMatch(/^OPENAI_API_KEY +\(not set\)/m);
  });

  test("a missing --env-file exits 78", async () => {
    const { err, code } = await run(["--env-file", "nope.env"], { env: { OPENAI_API_KEY: "k" } });
    expect(code).toBe(78);
    expect(err).toContain("nope.env");
  });
});

describe("an untrusted working directory", () => {
  let hostile: string;
  beforeAll(() => {
    hostile = mkdtempSync(join(tmpdir(), "hostile-"));
    writeFileSync(join(hostile, ".env"), "OPENAI_BASE_URL=http://127.0.0.1:9/v1\n\n");
  });
  afterAll(() => rmSync(hostile, { recursive: true, force: true }));

  const command = [join(root, "scripts/start")];
  const env = { PATH: process.env.PATH ?? "", OPENAI_API_KEY: "mine" };

  test("may not set the base URL for a key from elsewhere", async () => {
    const { err, code } = await run([], { command, env, cwd: hostile });
    expect(code).toBe(78);
    expect(err).toContain("OPENAI_BASE_URL");
    expect(err).toContain(join(hostile, ".env"));
  });
});

test.skipIf(platform === "win32")("a .env that is a pipe does not keep it waiting", async () => {
  const place = mkdtempSync(join(tmpdir(), "pipe-"));
  Bun.spawnSync(["mkfifo", join(place, ".env")]);
  const { err, code } = await run([], { cwd: place, env: { OPENAI_API_KEY: "k" } });
  rmSync(place, { recursive: true });
  expect(code).toBe(78);
  expect(err).toContain(`${join(place, ".env")} cannot be used: it is a pipe or a device`);
});

test.skipIf(platform === "win32")("a key that others can read is worth a warning", async () => {
  const file = join(directory, "shared.env");
  writeFileSync(file, "OPENAI_API_KEY=geheim\n", { mode: 0o644 });
  const env = { OPENAI_BASEURL: "http://127.0.0.1:9/v1" };
  const { child } = await serve(["--env-file", file], { env });
  child.kill(stopping.signal);
  const log = await child.stderr.text();
  expect(log).toContain(`${file} contains a key and can be read by other users; chmod 600 it`);
  expect(log).toContain("OPENAI_BASEURL is not a variable of this proxy; did you mean OPENAI_BASE_URL?");
  expect(log).not.toContain("geheim");
});

describe("serving", () => {
  test("--demo answers, and SIGTERM exits 0", async () => {
    const { child, url, banner } = await serve(["--demo"]);
    const request = {
      model: "claude-sonnet-4-6",
      max_tokens: 64,
      messages: [{ role: "user", content: "Hello" }],
    };
    const response = await fetch(`${url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
    });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("demo backend");
    expect(banner).toContain(`ANTHROPIC_BASE_URL=${url} ANTHROPIC_AUTH_TOKEN=anything claude`);
    child.kill(stopping.signal);
    expect(await child.exited).toBe(0);
  });

  test("the first signal waits for an answer in progress, the second ends it in an error", async () => {
    const asked = Promise.withResolvers<void>();
    const silent = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      async fetch(request) {
        if (request.method === "POST") asked.resolve();
        return new Promise<Response>(() => {});
      },
    });
    const env = { OPENAI_API_KEY: "k", OPENAI_BASE_URL: `http://127.0.0.1:${silent.port}/v1` };
    const { child, url } = await serve([], { env });
    const body = JSON.stringify({
      model: "m",
      max_tokens: 9,
      messages: [{ role: "user", content: "Hello" }],
    });
    const cut = fetch(`${url}/v1/messages`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
    await asked.promise;
    child.kill(stopping.signal);
    for await (const bytes of child.stderr)
      if (new TextDecoder().decode(bytes).includes(stopping.signal)) break;
    expect(child.exitCode).toBeNull();
    child.kill(stopping.signal);
    expect(await child.exited).toBe(stopping.code);
    expect((await cut).status).toBe(529);
    await silent.stop(true);
  });

  test("SHUTDOWN_GRACE is how long answers may take after the first signal", async () => {
    const upstream = await startFakeUpstream(hang("after-first-chunk"));
    const env = { OPENAI_API_KEY: upstreamKey, OPENAI_BASE_URL: upstream.url, SHUTDOWN_GRACE: "0.05" };
    const { child, url } = await serve([], { env });
    const response = await fetch(`${url}/v1/messages`, {
      method: "POST",
      body: JSON.stringify({
        model: "m",
        max_tokens: 9,
        stream: true,
        messages: [{ role: "user", content: "Hello" }],
      }),
      headers: { "content-type": "application/json" },
    });
    child.kill(stopping.signal);
    expect(checkStream(await response.text()).at(-1)).toMatchObject({ type: "error" });
    expect(await child.exited).toBe(stopping.code);
    await upstream.close();
  });

  test("a port in use is a plain message and exit 1", async () => {
    const { child, url } = await serve(["--demo"]);
    const { err, code } = await run(["--demo", "--port", new URL(url).port]);
    child.kill("SIGINT");
    expect(code).toBe(1);
    expect(err).toContain("the port is in use");
    expect(err).not.toContain("    at ");
    expect(await child.exited).toBe(0);
  });

  test.skipIf(platform === "win32")("the banner names the .env file, and no secret", async () => {
    const file = join(directory, "my.env");
    writeFileSync(file, "OPENAI_API_KEY=geheim\nANTHROPIC_API_KEY=geheim2\nHOST=127.0.0.1\nBIG_MODEL=big\n");
    const given = { env: { OPENAI_BASE_URL: "http://127.0.0.1:9/v1" } };
    const { child, banner } = await serve(["--env-file", file], given);
    child.kill(stopping.signal);
    expect(banner).toContain(file);
    expect(banner).toContain("127.0.0.1:9");
    expect(banner).toContain("sonnet → big");
    expect(banner).not.toContain("geheim");
    await child.exited;
  });
});

describe("for scripts", () => {
  /** A running proxy that was asked for a log in JSON, and the one line it prints. */
  async function announce(words: string[], given: Partial<Given> = {}) {
    const child = start(["--port", "0", "--log-format", "json", ...words], given);
    for await (const bytes of child.stdout) return { child, line: new TextDecoder().decode(bytes) };
    throw new Error(`Start the proxy: it ended early\n${await child.stderr.text()}`);
  }

  test("one line of JSON says where the proxy listens, and the log is JSON too", async () => {
    const { child, line } = await announce(["--demo", "--log-level", "debug"]);
    const { url, port, ...more } = JSON.parse(line);
    // Wine's processes have numbers of their own.
    const pid = platform === process.platform ? child.pid : expect.any(Number);
    expect(more).toEqual({ event: "listening", pid, version: manifest.version });
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    child.kill(stopping.signal);
    const log = (await child.stderr.text()).trim().split("\n");
    expect(log.map((text) => Object.keys(JSON.parse(text)).slice(0, 3))).toEqual(
      log.map(() => ["time", "level", "message"]),
    );
    expect(log.join()).toContain(stopping.signal);
    expect(await child.exited).toBe(0);
  });

  test("a failed start is one line of JSON", async () => {
    const { out, err, code } = await run([], { env: { LOG_FORMAT: "json" } });
    expect({ out, code }).toEqual({ out: "", code: 78 });
    expect(JSON.parse(err)).toMatchObject({
      level: "ERROR",
      message: expect.stringContaining("OPENAI_API_KEY"),
    });
  });

  test("the ready file has the same content, for its owner only, until the proxy stops", async () => {
    const file = join(directory, "ready.json");
    const { child, line } = await announce(["--demo", "--ready-file", file]);
    expect(readFileSync(file, "utf8")).toBe(line);
    if (platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);
    child.kill(stopping.signal);
    expect(await child.exited).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  test("a ready file that cannot be written exits 1", async () => {
    const { err, code } = await run(["--demo", "--port", "0", "--ready-file", join(directory, "no", "file")]);
    expect(code).toBe(1);
    expect(err).toContain("--ready-file");
  });

  test("a key from stdin does not appear in arguments, environment or log", async () => {
    const upstream = await startFakeUpstream(text("Hello!"));
    const given = { env: { OPENAI_BASE_URL: upstream.url }, stdin: new Blob([`${upstreamKey}\n`]) };
    const { child, line } = await announce(["--api-key-stdin", "--log-level", "debug"], given);
    const { url } = JSON.parse(line);
    const response = await fetch(`${url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "Hello" }] }),
    });
    expect(await response.text()).toContain("Hello!");
    if (process.platform === "linux")
      for (const place of ["cmdline", "environ"])
        expect(readFileSync(`/proc/${child.pid}/${place}`, "utf8")).not.toContain(upstreamKey);
    child.kill(stopping.signal);
    expect(line + (await child.stderr.text())).not.toContain(upstreamKey);
    await upstream.close();
  });

  test("an empty stdin gives no key", async () => {
    for (const stdin of [undefined, new Blob(["\nsk-late\n"])]) {
      const { err, code } = await run(["--api-key-stdin"], stdin ? { stdin } : {});
      expect(code).toBe(78);
      expect(err).toContain("the first line is empty");
      expect(err).not.toContain("sk-late");
    }
  });
});
