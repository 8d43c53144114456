import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { json, raw, startFakeUpstream, text, upstreamKey } from "../support/fake-upstream.ts";
import { type Given, isBuilt, runProgram, startProgram } from "../support/program.ts";

let directory: string;
/** Sends a request to the given proxy, and prints its environment and the answer. */
let asking: string[];
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "run-"));
  const script = join(directory, "ask.ts");
  writeFileSync(script, askOnce);
  asking = [process.execPath, "--no-env-file", script];
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const askOnce = `
const { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: token } = process.env;
const body = JSON.stringify({ model: "opus", max_tokens: 9, messages: [{ role: "user", content: "Hello" }] });
const headers = { "content-type": "application/json" };
const ask = (authorization) => fetch(url + "/v1/messages", { method: "POST", body, headers: { ...headers, authorization } });
const stranger = await ask("Bearer guess");
const answer = await ask("Bearer " + token);
console.log(JSON.stringify({ env: process.env, stranger: stranger.status, answer: await answer.text() }));
`;

const heard = z.object({ env: z.record(z.string(), z.string()), stranger: z.number(), answer: z.string() });
const hear = (out: string) => heard.parse(JSON.parse(out));

const path = process.env.PATH ?? "/usr/bin:/bin";

function given({ cwd = directory, env = {}, ...more }: Partial<Given> = {}): Given {
  return { cwd, env: { PATH: path, ...env }, ...more };
}

const run = (words: string[], more?: Partial<Given>) => runProgram(["run", ...words], given(more));

describe("the exit code", () => {
  test("is the command's, and stdout belongs to the command alone", async () => {
    const script = "echo out; echo err >&2; exit 7";
    expect(await run(["--demo", "--", "sh", "-c", script])).toEqual({ out: "out\n", err: "err\n", code: 7 });
  });

  test.each([
    ["TERM", 143],
    ["KILL", 137],
    ["HUP", 129],
  ])("of a command that SIG%s ended is %i", async (signal, code) => {
    expect((await run(["--demo", "sh", "-c", `kill -${signal} $$`])).code).toBe(code);
  });

  test("is 127 where the command is not found", async () => {
    for (const name of ["no-such-command", "./no-such-command"])
      expect(await run(["--demo", "--", name])).toEqual({
        out: "",
        err: `Cannot run ${name}: there is no such program\n`,
        code: 127,
      });
  });

  test("is 126 where the command cannot be executed", async () => {
    writeFileSync(join(directory, "plain"), "echo hello\n");
    writeFileSync(join(directory, "no-program"), "echo hello\n");
    writeFileSync(join(directory, "no-shell"), "#!/no/such/shell\n");
    for (const name of ["no-program", "no-shell"]) chmodSync(join(directory, name), 0o755);
    const env = { PATH: `${directory}:${path}` };
    for (const name of ["./plain", "plain", directory, "./no-program", "./no-shell"]) {
      const { err, code } = await run(["--demo", "--", name], { env });
      expect({ name, code }).toEqual({ name, code: 126 });
      expect(err).toContain("is not executable");
    }
  });

  test("is 2 without a command, 78 without a key", async () => {
    expect((await run(["--demo"])).code).toBe(2);
    expect((await run(["--", "true"])).code).toBe(78);
  });

  test("comes with one line of JSON where the log is JSON", async () => {
    const { err } = await run(["--demo", "--log-format", "json", "--", "no-such-command"]);
    expect(JSON.parse(err)).toMatchObject({
      level: "ERROR",
      message: expect.stringContaining("no such program"),
    });
  });
});

/** Runs a command at a terminal of its own. */
async function runAtTerminal(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const root = join(import.meta.dir, "../..");
  let screen = "";
  const closed = Promise.withResolvers<void>();
  const child = Bun.spawn(
    [process.execPath, `--config=${root}/bunfig.toml`, `${root}/src/main.ts`, ...words],
    {
      cwd: directory,
      env: { PATH: path, HOME: directory, ...env },
      terminal: {
        data(_, bytes) {
          screen += new TextDecoder().decode(bytes);
        },
        // The last that was written may be read after the process has ended.
        exit: () => closed.resolve(),
      },
    },
  );
  const code = await child.exited;
  await closed.promise;
  return { screen: screen.replaceAll("\r\n", "\n"), code };
}

describe.skipIf(isBuilt)("at a terminal", () => {
  const log = () => readFileSync(join(directory, ".local/state/claude-code-proxy/run.log"), "utf8");

  test("nothing is drawn over the command's screen: the log is a file, and a summary comes at the end", async () => {
    const backend = await startFakeUpstream(json({ error: { message: "Wrong" } }, 401));
    const { screen, code } = await runAtTerminal(["run", "--", ...asking], {
      OPENAI_API_KEY: upstreamKey,
      OPENAI_BASE_URL: backend.url,
    });
    await backend.close();
    expect(code).toBe(0);
    expect(screen).not.toMatch(/WARNING|INFO/);
    expect(screen.trimEnd().split("\n").at(-1)).toBe(
      "claude-code-proxy: 1 request, 0 tokens in, 0 out, 1 failed; log: ~/.local/state/claude-code-proxy/run.log",
    );
    expect(log()).toMatch(/WARNING Request refused .*status=401/);
    expect(log()).toMatch(/WARNING message failed .*backend_status=401/);
  });

  test("what is wrong with the configuration is told before the command starts", async () => {
    const { screen } = await runAtTerminal(["run", "--demo", "--", "echo", "started"], {
      OPENAI_API_KY: "x",
    });
    expect(screen).toMatch(/WARNING .*OPENAI_API_KY.*\nstarted\nclaude-code-proxy: no request came/);
  });

  test("LOG_FILE names another place", async () => {
    const file = join(directory, "other.log");
    await runAtTerminal(["run", "--demo", "--", ...asking], { LOG_FILE: file });
    expect(readFileSync(file, "utf8")).toContain("message answered");
  });
});

describe("signals", () => {
  /** What a child prints, piece by piece. */
  async function* readChunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
    for await (const bytes of stream) yield new TextDecoder().decode(bytes);
  }

  // Without a terminal SIGINT reaches only us.
  test.each(["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const)(
    "%s reaches the command",
    async (signal) => {
      const script = `trap 'exit 3' ${signal.slice(3)}; echo ready; while :; do sleep 0.05; done`;
      const child = startProgram(["run", "--demo", "--", "sh", "-c", script], given());
      expect((await readChunks(child.stdout).next()).value).toBe("ready\n");
      child.kill(signal);
      expect(await child.exited).toBe(3);
    },
  );

  test("a command that ignores one goes on, and so does the proxy", async () => {
    const script = "trap 'echo still here' TERM; trap 'exit 4' HUP; echo ready; while :; do sleep 0.05; done";
    const child = startProgram(["run", "--demo", "--", "sh", "-c", script], given());
    const lines = readChunks(child.stdout);
    await lines.next();
    child.kill("SIGTERM");
    expect((await lines.next()).value).toBe("still here\n");
    child.kill("SIGHUP");
    expect(await child.exited).toBe(4);
  });

  test("Ctrl-C at a terminal reaches the command once", async () => {
    const count = `n=0; trap 'n=$((n+1))' INT; echo ready
      while [ $n -eq 0 ]; do sleep 0.05; done; sleep 0.3; echo "interrupted $n"; exit 5`;
    let screen = "";
    const ready = Promise.withResolvers<void>();
    const root = join(import.meta.dir, "../..");
    const words = ["run", "--demo", "--", "sh", "-c", count];
    const child = Bun.spawn(
      [process.execPath, `--config=${root}/bunfig.toml`, `${root}/src/main.ts`, ...words],
      {
        cwd: directory,
        env: { PATH: path, HOME: directory },
        terminal: {
          data(_, bytes) {
            screen += new TextDecoder().decode(bytes);
            if (screen.includes("ready")) ready.resolve();
          },
        },
      },
    );
    await ready.promise;
    child.terminal?.write("\x03");
    expect(await child.exited).toBe(5);
    expect(screen).toContain("interrupted 1");
  });

  test("one that arrives during the wait for the backend's models ends the run before the command starts", async () => {
    const asked = Promise.withResolvers<void>();
    const silent = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch() {
        asked.resolve();
        return new Promise<Response>(() => {});
      },
    });
    const env = { PATH: path, OPENAI_API_KEY: "k", OPENAI_BASE_URL: `http://127.0.0.1:${silent.port}/v1` };
    const child = startProgram(["run", "--", "echo", "begun"], given({ env }));
    await asked.promise;
    child.kill("SIGTERM");
    expect(await child.exited).toBe(143);
    expect(await child.stdout.text()).toBe("");
    await silent.stop(true);
  });
});

describe("the command", () => {
  test("reaches the backend through the proxy, others do not, and the backend's key is not passed on", async () => {
    const models = json({ data: [{ id: "big-model", context_length: 300_000, max_output_tokens: 20_000 }] });
    const upstream = await startFakeUpstream(text("Hello!"), { models });
    const env = {
      OPENAI_API_KEY: upstreamKey,
      OPENAI_BASE_URL: upstream.url,
      BIG_MODEL: "big-model",
      ANTHROPIC_API_KEY: "sk-ant-real",
      HOST: "0.0.0.0",
      PORT: "1",
      BUN_CONFIG_VERBOSE_FETCH: "curl",
    };
    const { out, err, code } = await run(["--", ...asking], { env: { PATH: path, ...env } });
    await upstream.close();
    const { env: told, stranger, answer } = hear(out);
    expect({ stranger, code }).toEqual({ stranger: 401, code: 0 });
    expect(answer).toContain("Hello!");
    expect(told).toMatchObject({
      ANTHROPIC_BASE_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      ANTHROPIC_DEFAULT_OPUS_MODEL: "big-model",
      CLAUDE_CODE_MAX_CONTEXT_TOKENS: "300000",
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: "20000",
      CLAUDE_CODE_AUTO_MODE_SERVER: "0",
      HOST: "0.0.0.0",
      PORT: "1",
    });
    expect(told).not.toHaveProperty("OPENAI_API_KEY");
    expect(told.ANTHROPIC_API_KEY).toBe(told.ANTHROPIC_AUTH_TOKEN);
    expect(told).not.toHaveProperty("BUN_CONFIG_VERBOSE_FETCH");
    for (const secret of [upstreamKey, "sk-ant-real"]) expect(out + err).not.toContain(secret);
  });

  test("does not get the keys that a config.toml names by their variables", async () => {
    const upstream = await startFakeUpstream(text("Hello!"));
    const file = join(directory, "config.toml");
    writeFileSync(file, `[backends.own]\nurl = "${upstream.url}"\nkeys = "\${TEAM_KEY}"\n`);
    const env = { PATH: path, TEAM_KEY: upstreamKey, BIG_MODEL: "m" };
    const { out } = await run(["--config", file, "--", ...asking], { env });
    await upstream.close();
    expect(hear(out).answer).toContain("Hello!");
    expect(out).not.toContain(upstreamKey);
  });

  test("reads what follows the key on stdin", async () => {
    const upstream = await startFakeUpstream(text("Hello!"));
    const env = { PATH: path, OPENAI_BASE_URL: upstream.url, LOG_LEVEL: "ERROR" };
    const given = { env, stdin: new Blob([`${upstreamKey}\n`, "the rest\n"]) };
    const command = ["sh", "-c", 'cat >&2; exec "$@"', "sh", ...asking];
    const { out, err } = await run(["--api-key-stdin", "--", ...command], given);
    await upstream.close();
    expect(hear(out).answer).toContain("Hello!");
    expect(err).toBe("the rest\n");
    expect(out).not.toContain(upstreamKey);
  });

  test("gives up waiting for the models of a silent backend", async () => {
    const upstream = await startFakeUpstream(text("Hello!"), {
      models: { ...raw([]), before: [{ do: "hang" }] },
    });
    const env = { PATH: path, OPENAI_BASE_URL: upstream.url, OPENAI_API_KEY: upstreamKey };
    const { out, code } = await run(["--", "sh", "-c", "echo begun $CLAUDE_CODE_MAX_CONTEXT_TOKENS"], {
      env,
    });
    await upstream.close();
    expect({ out, code }).toEqual({ out: "begun 200000\n", code: 0 });
  });

  test("with an address of the user's own goes there, and a warning says so", async () => {
    const env = { PATH: path, ANTHROPIC_BASE_URL: "http://127.0.0.1:9" };
    const { out, err } = await run(["--demo", "--", "sh", "-c", "echo $ANTHROPIC_BASE_URL"], { env });
    expect(out).toBe("http://127.0.0.1:9\n");
    expect(err).toContain("ANTHROPIC_BASE_URL is set");
  });
});

describe.skipIf(isBuilt || process.platform === "win32")("Claude Code", () => {
  /** A program of that name that prints its words and its address, in a home with these settings. */
  function install(settings: object | undefined): { cwd: string; env: Record<string, string> } {
    const home = mkdtempSync(join(directory, "home-"));
    mkdirSync(join(home, "bin"));
    mkdirSync(join(home, ".claude"));
    if (settings) writeFileSync(join(home, ".claude/settings.json"), JSON.stringify(settings));
    const script = '#!/bin/sh\nif [ "$1" = --settings ]; then cat "$2"; echo " $2"; shift 2; fi\necho "$@"\n';
    writeFileSync(join(home, "bin/claude"), script, { mode: 0o755 });
    return { cwd: home, env: { PATH: `${home}/bin:${path}` } };
  }
  const elsewhere = { env: { ANTHROPIC_BASE_URL: "http://other", ANTHROPIC_API_KEY: "theirs" } };

  test("whose settings lead elsewhere gets settings that lead here, for this run", async () => {
    const { out, err, code } = await run(["--demo", "--", "claude", "-p", "hi"], install(elsewhere));
    const [, written = "", file = "", words] = /^(\{.*\}) (\S+)\n(.*)\n$/.exec(out) ?? [];
    expect(JSON.parse(written)).toMatchObject({
      env: { ANTHROPIC_BASE_URL: expect.stringContaining("http://127.0.0.1:"), ANTHROPIC_API_KEY: "" },
    });
    expect({ words, err, code }).toEqual({ words: "-p hi", err: "", code: 0 });
    expect(existsSync(file)).toBe(false);
  });

  test("gets names that it knows for the demo, where it would complain of others", async () => {
    const given = install(undefined);
    const script = '#!/bin/sh\necho "$ANTHROPIC_DEFAULT_OPUS_MODEL $ANTHROPIC_DEFAULT_OPUS_MODEL_NAME"\n';
    writeFileSync(join(given.cwd, "bin/claude"), script, { mode: 0o755 });
    expect((await run(["--demo", "--", "claude", "-p", "hi"], given)).out).toBe("claude-opus-4-8 demo-big\n");
    expect((await run(["--demo", "--", "claude"], given)).out).toBe("demo-big demo-big\n");
  });

  test("gets nothing where no settings lead elsewhere", async () => {
    expect((await run(["--demo", "--", "claude", "-p", "hi"], install({ env: { A: "b" } }))).out).toBe(
      "-p hi\n",
    );
  });

  test("keeps settings of the user's own, with a warning before and after", async () => {
    const given = install(elsewhere);
    const { out, err } = await run(["--demo", "--", "claude", "--settings=x", "-p", "hi"], given);
    expect(out).toBe("--settings=x -p hi\n");
    const file = join(given.cwd, ".claude/settings.json");
    expect(err).toContain(
      `${file} sets ANTHROPIC_BASE_URL, ANTHROPIC_API_KEY, so Claude Code bypasses this proxy`,
    );
    expect(err).toContain(`The command sent no request: ${file} sets ANTHROPIC_BASE_URL`);
  });

  test("behind another command is warned of, and other commands are told only afterwards", async () => {
    const given = install(elsewhere);
    expect((await run(["--demo", "--", "sh", "-c", "claude -p hi"], given)).err).toContain("so Claude Code");
    const { err } = await run(["--demo", "--", "true"], given);
    expect(err).toContain("sent no request");
    expect(err).not.toContain("so Claude Code");
  });

  test("does not start with a window that cannot hold it, and another command does", async () => {
    const list = { data: [{ id: "m", object: "model", owned_by: "vllm", max_model_len: 8192 }] };
    const backend = await startFakeUpstream(text("Hello!"), { models: json(list) });
    const { cwd, env } = install(undefined);
    const at = {
      cwd,
      env: { ...env, OPENAI_BASE_URL: backend.url, OPENAI_API_KEY: upstreamKey, BIG_MODEL: "m" },
    };
    const refused = await run(["--", "claude", "-p", "hi"], at);
    const started = await run(["--", "echo", "began"], at);
    await backend.close();
    expect(refused).toMatchObject({ out: "", code: 78 });
    expect(refused.err).toContain("Cannot start Claude Code: m has a window of 8,192 tokens");
    expect(refused.err).toContain("--max-model-len");
    expect(refused.err.trim().split("\n")).toHaveLength(1);
    expect(started.err).toContain("has a window of 8,192 tokens");
    expect(started).toMatchObject({ out: "began\n", code: 0 });
  });

  test("is found in its usual places, and how to install it is said where it is in none", async () => {
    const { cwd } = install(undefined);
    mkdirSync(join(cwd, ".local/bin"), { recursive: true });
    const moved = join(cwd, ".local/bin/claude");
    renameSync(join(cwd, "bin/claude"), moved);
    const env = { PATH: "/usr/bin:/bin" };
    expect((await run(["--demo", "--", "claude", "hi"], { cwd, env })).out).toBe("hi\n");
    rmSync(moved);
    const { err, code } = await run(["--demo", "--", "claude", "hi"], { cwd, env });
    expect(code).toBe(127);
    expect(err).toContain("there is no such program; install it with: curl");
  });
});

describe("a cassette", () => {
  test("recorded with a backend answers without one, and without a key", async () => {
    const upstream = await startFakeUpstream(text("Hello from the tape!"));
    const asked = { BIG_MODEL: "big-model", PATH: path };
    const env = { ...asked, OPENAI_API_KEY: upstreamKey, OPENAI_BASE_URL: upstream.url };
    const recorded = await run(["--record", "tapes", "--", ...asking], { env });
    await upstream.close();
    expect(hear(recorded.out).answer).toContain("Hello from the tape!");

    const played = await run(["--log-level", "ERROR", "--replay", "tapes", "--", ...asking], { env: asked });
    expect(played).toMatchObject({ err: "", code: 0 });
    expect(hear(played.out).answer).toContain("Hello from the tape!");

    const other = await run(["--replay", "tapes", "--", ...asking], {
      env: { ...asked, BIG_MODEL: "other-model" },
    });
    expect(hear(other.out).answer).toContain("record it with --record");
    expect(other.err).toContain("Cannot replay the exchange: tapes has no answer for other-model");
  });
});

test("a directory that cannot hold a cassette, or holds none, ends the run before the command starts", async () => {
  writeFileSync(join(directory, "file"), "");
  for (const flags of [
    ["--record", "file/tapes"],
    ["--record", "file"],
    ["--replay", "file"],
    ["--replay", "nowhere"],
  ]) {
    const { out, err, code } = await run([...flags, "--", "echo", "began"], { env: { OPENAI_API_KEY: "k" } });
    expect({ flags, out, code }).toEqual({ flags, out: "", code: 1 });
    expect(err).toStartWith(`Cannot use ${flags[1]} for ${flags[0]}: `);
  }
});

describe("side effects", () => {
  test("a .env in the working directory is ignored, the user's own is read", async () => {
    const [hostile, home] = [join(directory, "hostile"), join(directory, "home")];
    mkdirSync(hostile);
    mkdirSync(join(home, ".config/claude-code-proxy"), { recursive: true });
    writeFileSync(
      join(hostile, ".env"),
      "OPENAI_API_KEY=stranger\nOPENAI_BASE_URL=http://127.0.0.1:9/v1\nBIG_MODEL=trap\n",
    );
    const ownSettings = "OPENAI_API_KEY=own\nOPENAI_BASE_URL=http://127.0.0.1:9/v1\nBIG_MODEL=own\n";
    const command = ["sh", "-c", "echo $ANTHROPIC_DEFAULT_OPUS_MODEL"];
    const env = { PATH: path, HOME: home };
    const refused = await run(["--", ...command], { cwd: hostile, env });
    expect(refused.code).toBe(78);
    expect(refused.err).toContain(`${join(hostile, ".env")} is not read by run`);
    writeFileSync(join(home, ".config/claude-code-proxy/.env"), ownSettings);
    expect((await run(["--", ...command], { cwd: hostile, env })).out).toBe("own\n");
    const named = await run(["--env-file", ".env", "--", ...command], { cwd: hostile, env });
    expect(named.out).toBe("trap\n");
  });

  test("nothing is left: no file and no listening port", async () => {
    const empty = join(directory, "empty");
    mkdirSync(empty);
    // Bun keeps the sources it has read in the home directory; the binary has none to keep.
    const env = { PATH: path, HOME: directory };
    const { out } = await run(["--demo", "--", "sh", "-c", "echo $ANTHROPIC_BASE_URL"], { cwd: empty, env });
    expect(readdirSync(empty)).toEqual([]);
    expect(await fetch(`${out.trim()}/health`).catch(() => "nobody")).toBe("nobody");
  });

  test("the log is quiet unless asked", async () => {
    expect((await run(["--demo", "--", "true"])).err).toBe("");
    expect((await run(["--demo", "--log-level", "debug", "--", "true"])).err).toContain("DEBUG");
  });

  test("a backend that cannot be reached is said", async () => {
    const env = { PATH: path, OPENAI_BASE_URL: "http://127.0.0.1:9/v1", OPENAI_API_KEY: "k" };
    const { err } = await run(["--", "true"], { env });
    expect(err).toContain("Cannot reach the backend at 127.0.0.1:9");
    expect(err.trim().split("\n")).toHaveLength(1);
  });
});
