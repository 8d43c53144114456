/** No secret leaves the program, wherever it is put and whatever a backend does with it. */
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { platform, startProgram, stopping } from "./support/program.ts";

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** None of them looks like a key; each word is long enough to be recognized alone. */
const secrets = {
  OPENAI_API_KEY: "canaryBackend",
  ANTHROPIC_API_KEY: "canaryClient1",
  CUSTOM_HEADER_X_ACCOUNT: "Custom canaryAccount canaryTenant0",
  CUSTOM_HEADER_X_QUOTED: 'say "canaryQuoted"',
  HTTP_PROXY_AUTHORIZATION: "canaryUnrelated",
};

/** A backend that answers with everything it was sent, in every place where an answer can hold text. */
function startEcho() {
  let asked = 0;
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const headers = Object.fromEntries(request.headers);
      const echo = Object.values(headers).join(" and ");
      const error = { message: `Refused: ${echo}`, code: "no", type: echo, param: echo, headers };
      const echoed = {
        "content-type": "text/event-stream",
        "x-ratelimit-remaining-requests": echo,
        "ratelimit-policy": headers.authorization ?? "",
        "retry-after": "0.001",
      };
      asked += 1;
      const chunk = (delta: object) => `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`;
      const bodies = [
        { status: 400, body: JSON.stringify({ error }) },
        { status: 401, body: JSON.stringify({ error: echo, detail: headers }) },
        {
          status: 422,
          body: JSON.stringify({ detail: [{ loc: ["header"], msg: echo.toUpperCase(), input: headers }] }),
        },
        { status: 500, body: `<html>${echo}` },
        { status: 200, body: `${chunk({ content: "Hi" })}data: ${JSON.stringify({ error })}\n\n` },
        { status: 200, body: `${echo}\n\n` },
      ];
      const { status = 500, body = "" } = bodies[asked % bodies.length] ?? {};
      return new Response(body, { status, headers: echoed });
    },
  });
}

/** Words of the secrets that were seen. */
function findCanaries(text: string): string[] {
  return text.match(/canary\w*/g) ?? [];
}

test.each(["text", "json"])(
  "none is in output, log, answers, cassettes or ready file (%s)",
  async (format) => {
    const directory = mkdtempSync(join(tmpdir(), "secrets-"));
    directories.push(directory);
    const backend = startEcho();
    const tapes = join(directory, "tapes");
    const ready = join(directory, "ready.json");
    const words = ["--port", "0", "--record", tapes, "--ready-file", ready, "--log-format", format];
    const env = {
      ...secrets,
      OPENAI_BASE_URL: `${backend.url.origin}/v1`,
      LOG_LEVEL: "DEBUG",
      // Never used for loopback, but present.
      HTTPS_PROXY: "http://me:canaryProxy12@127.0.0.1:9",
      BUN_CONFIG_VERBOSE_FETCH: "curl",
    };
    const child = startProgram(words, { cwd: directory, env });
    const log = child.stderr.text();
    const out: string[] = [];
    const started = Promise.withResolvers<string>();
    const printed = (async () => {
      for await (const bytes of child.stdout) {
        out.push(new TextDecoder().decode(bytes));
        const url = /(http:\/\/127\.0\.0\.1:\d+)/.exec(out.join(""))?.[1];
        if (url) started.resolve(url);
      }
    })();
    const url = await started.promise;

    const seen: string[] = [];
    const ask = async (path: string, body?: object, key = secrets.ANTHROPIC_API_KEY) => {
      const response = await fetch(url + path, {
        headers: { "x-api-key": key, "content-type": "application/json" },
        ...(body && { method: "POST", body: JSON.stringify(body) }),
      });
      seen.push(JSON.stringify([...response.headers]), await response.text());
    };
    const message = { model: "m", max_tokens: 9, messages: [{ role: "user", content: "Hello" }] };
    const paths = ["/", "/health", "/ready", "/v1/models", "/v1/models/x", "/test-connection", "/nothing"];
    // At the same time, because failures are tried again after a while.
    await Promise.all([
      ...Array.from({ length: 16 }, (_, at) => ask("/v1/messages", { ...message, stream: at % 2 === 0 })),
      ...paths.map((path) => ask(path)),
      ask("/v1/messages", message, "canaryWrongKey"),
      ask("/v1/messages", { model: 7 }),
    ]);
    const readyText = readFileSync(ready, "utf8");
    child.kill(stopping.signal);
    await Promise.all([child.exited, printed]);
    await backend.stop(true);

    const recorded = readdirSync(tapes, { recursive: true }).map((file) => join(tapes, String(file)));
    expect(recorded.length).toBeGreaterThan(0);
    if (platform !== "win32") for (const file of recorded) expect(statSync(file).mode & 0o777).toBe(0o600);
    const places = {
      out: out.join(""),
      log: await log,
      answers: seen.join("\n"),
      tapes: recorded.map((file) => readFileSync(file, "utf8")).join("\n"),
      ready: readyText,
    };
    expect(places.log).toContain("Refused: ");
    expect(places.tapes).toContain("***");
    for (const [place, text] of Object.entries(places))
      expect([place, findCanaries(text)]).toEqual([place, []]);
  },
  30_000,
);

test("none is in the message of a failed start", async () => {
  const directory = mkdtempSync(join(tmpdir(), "secrets-"));
  directories.push(directory);
  const canary = "canaryWrongPlace";
  for (const name of ["PORT", "OPENAI_BASE_URL", "HOST", "LOG_LEVEL", "REQUEST_TIMEOUT", "ALLOWED_ORIGINS"]) {
    const env = { OPENAI_API_KEY: canary, [name]: canary };
    const child = startProgram([], { cwd: directory, env });
    const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    expect([name, child.exitCode === 0, findCanaries(out + err)]).toEqual([name, false, []]);
  }
});
