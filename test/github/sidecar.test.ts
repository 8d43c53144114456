import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { product } from "../../scripts/shipping/description.ts";
import { pack, writeProgram } from "../support/installer.ts";
import { programScript } from "../support/program.ts";

/** The scripts are for `sh`. */
const describeUnix = describe.skipIf(process.platform === "win32");

const root = join(import.meta.dir, "../..");
const action = join(root, ".github/actions/sidecar");
const key = "sk-key-of-the-backend";

/** What the runner gives every step; `bin` comes first on the PATH. */
let runner: string;
beforeEach(() => {
  runner = mkdtempSync(join(tmpdir(), "runner-"));
  mkdirSync(join(runner, "bin"));
  for (const file of ["env", "output", "path"]) writeFileSync(join(runner, file), "");
});
afterEach(async () => {
  await step("stop.sh");
  rmSync(runner, { recursive: true, force: true });
});

const read = (...path: string[]) => readFileSync(join(runner, ...path), "utf8");

const ready = () => join(runner, "temp/claude-code-proxy/ready.json");

/** Lines `NAME=value`, as the runner reads them. */
function readFacts(file: "env" | "output"): Record<string, string> {
  const lines = read(file).split("\n").filter(Boolean);
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2)));
}

async function step(script: string, env: Record<string, string> = {}) {
  const child = Bun.spawn(["sh", join(action, script)], {
    cwd: runner,
    env: {
      PATH: `${join(runner, "bin")}:${process.env.PATH}`,
      HOME: runner,
      RUNNER_TEMP: join(runner, "temp"),
      GITHUB_ENV: join(runner, "env"),
      GITHUB_OUTPUT: join(runner, "output"),
      GITHUB_PATH: join(runner, "path"),
      ...env,
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  // The proxy outlives the step and must not hold its output open, or the step would never end.
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { out, err, code };
}

function putProgram(script: string): void {
  writeProgram(join(runner, "bin/claude-code-proxy"), script);
}

/** Records what it was given, and behaves like `serve`. */
const contract = `
  env > seen-env; printf '%s\\n' "$*" > seen-words; cat > seen-key
  while [ "$1" != --ready-file ]; do shift; done
  trap 'rm "$2"; exit' TERM
  printf '{"event":"listening","url":"http://127.0.0.1:4321","port":4321,"pid":%d,"version":"0"}\\n' $$ > "$2"
  while :; do sleep 0.1; done`;

describeUnix("start", () => {
  test("passes the key on standard input and nowhere else", async () => {
    putProgram(contract);
    const { code, out, err } = await step("start.sh", { API_KEY: key });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(read("temp/claude-code-proxy/seen-key")).toBe(key);
    for (const seen of ["seen-env", "seen-words"])
      expect(read("temp/claude-code-proxy", seen)).not.toContain(key);
    expect(read("env") + read("output") + out).not.toContain(key);
  });

  test("masks the token first, then passes it to later steps with the address", async () => {
    putProgram(contract);
    const { out } = await step("start.sh", { API_KEY: key, no_proxy: "example.com" });
    const env = readFacts("env");
    expect(env.ANTHROPIC_BASE_URL).toBe("http://127.0.0.1:4321");
    expect(env.ANTHROPIC_AUTH_TOKEN).toMatch(/^[0-9a-f]{48}$/);
    expect([env.NO_PROXY, env.no_proxy]).toEqual(["example.com,127.0.0.1", "example.com,127.0.0.1"]);
    expect(readFacts("output")).toEqual({
      "base-url": env.ANTHROPIC_BASE_URL ?? "",
      "auth-token": env.ANTHROPIC_AUTH_TOKEN ?? "",
      log: join(runner, "temp/claude-code-proxy/log"),
    });
    expect(out.startsWith(`::add-mask::${env.ANTHROPIC_AUTH_TOKEN}\n`)).toBe(true);
    expect(read("temp/claude-code-proxy/seen-env")).toContain(
      `ANTHROPIC_API_KEY=${env.ANTHROPIC_AUTH_TOKEN}\n`,
    );
    expect(statSync(join(runner, "temp/claude-code-proxy")).mode & 0o77).toBe(0);
  });

  test("passes the inputs that were given, and leaves the environment alone for the others", async () => {
    putProgram(contract);
    const strange = 'a"b $(touch owned) `touch owned`; touch owned';
    await step("start.sh", {
      API_KEY: key,
      BIG_MODEL: "of-the-job",
      SMALL_MODEL: "of-the-job",
      INPUT_BIG_MODEL: "",
      INPUT_SMALL_MODEL: strange,
    });
    const seen = read("temp/claude-code-proxy/seen-env").split("\n");
    expect(seen).toContain("BIG_MODEL=of-the-job");
    expect(seen).toContain(`SMALL_MODEL=${strange}`);
    expect(existsSync(join(runner, "temp/claude-code-proxy/owned"))).toBe(false);
  });

  test("warns of a key that clients would send instead of the token", async () => {
    putProgram(contract);
    const { out } = await step("start.sh", { API_KEY: key, ANTHROPIC_API_KEY: "sk-ant-other" });
    expect(out).toContain("::warning title=claude-code-proxy::ANTHROPIC_API_KEY is set");
    expect(out).not.toContain("sk-ant-other");
  });

  test("fails at once, with the end of the log, when the program ends", async () => {
    putProgram("echo 'Cannot listen on 127.0.0.1: no room' >&2; exit 1");
    const { code, out } = await step("start.sh", { API_KEY: key });
    expect(code).toBe(1);
    expect(out).toContain("::error title=claude-code-proxy::It did not start");
    expect(out).toEndWith("Cannot listen on 127.0.0.1: no room\n");
    expect(read("env")).toBe("");
  });

  test("does not start a second one", async () => {
    putProgram(contract);
    await step("start.sh", { API_KEY: key });
    const { code, out } = await step("start.sh", { API_KEY: key });
    expect(code).toBe(1);
    expect(out).toContain("It is already running");
  });
});

describeUnix("stop", () => {
  test("stops the program, and does nothing when repeated", async () => {
    putProgram(contract);
    await step("start.sh", { API_KEY: key });
    expect(existsSync(ready())).toBe(true);
    expect(await step("stop.sh")).toEqual({ out: "", err: "", code: 0 });
    expect(existsSync(ready())).toBe(false);
    expect(await step("stop.sh")).toEqual({ out: "", err: "", code: 0 });
  });
});

describeUnix("download", () => {
  test("installs the version of this checkout, verified against the release's checksums", async () => {
    const { version } = manifest;
    const names = [
      "linux-x64",
      "linux-x64-baseline",
      "linux-arm64",
      "linux-x64-musl",
      "darwin-x64",
      "darwin-arm64",
    ];
    const archive = pack(`echo claude-code-proxy ${version}`);
    const digest = new Bun.CryptoHasher("sha256").update(archive).digest("hex");
    const checksums = names.map((name) => `${digest}  claude-code-proxy-${name}.tar.gz\n`).join("");
    using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch({ url }) {
        const { pathname } = new URL(url);
        if (!pathname.startsWith(`/v${version}/`)) return new Response(null, { status: 404 });
        return new Response(pathname.endsWith("/checksums.txt") ? checksums : archive);
      },
    });
    const { code, err } = await step("download.sh", {
      MIRROR: `http://127.0.0.1:${server.port}`,
      VERSION: "",
    });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const directory = read("path").trim();
    expect(directory).toBe(join(runner, "temp/claude-code-proxy/bin"));
    expect(Bun.spawnSync([join(directory, "claude-code-proxy"), "--version"]).stdout.toString()).toBe(
      `claude-code-proxy ${version}\n`,
    );
  });

  test("downloads from the project's own releases", () => {
    const script = readFileSync(join(action, "download.sh"), "utf8");
    expect(script).toContain(`https://github.com/${product.repository}/releases/download`);
  });
});

describeUnix("with the program itself", () => {
  test("a later step gets an answer with this run's token only", async () => {
    putProgram(`${programScript} --demo`);
    const { code, out } = await step("start.sh", { API_KEY: key });
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining("listens on http://127.0.0.1:") });
    const { ANTHROPIC_BASE_URL: url = "", ANTHROPIC_AUTH_TOKEN: token = "" } = readFacts("env");
    const ask = (sent: string) =>
      fetch(`${url}/v1/messages`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${sent}` },
        body: JSON.stringify({
          model: "claude-sonnet-4-6",
          max_tokens: 64,
          messages: [{ role: "user", content: "Hello" }],
        }),
      });
    expect((await ask(token)).status).toBe(200);
    expect((await ask("another")).status).toBe(401);
    expect(await step("stop.sh")).toEqual({ out: "", err: "", code: 0 });
    expect(existsSync(ready())).toBe(false);
  });
});
