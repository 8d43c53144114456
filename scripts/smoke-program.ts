/**
 * Tests a built program as a user would meet it: in a directory full of traps, with an empty environment. Usage: `bun
 * scripts/smoke-program.ts PROGRAM`; exits 1 at the first failure.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startFakeUpstream, text, upstreamKey } from "../test/support/fake-upstream.ts";
import { asianFont, writePdf } from "../test/support/write-pdf.ts";
import { postMessage } from "./shipping/post-message.ts";
import { readUrl } from "./shipping/read-url.ts";

const program = resolve(process.argv[2] ?? "dist/claude-code-proxy");
const directory = mkdtempSync(join(tmpdir(), "smoke-"));

/** Whoever connects here fell into a trap. */
let strays = 0;
const trap = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch() {
    strays += 1;
    return new Response("Caught", { status: 418 });
  },
});

/**
 * What a hostile repository would try: code that runs before ours, another backend, somebody else's proxy and
 * certificate authority.
 */
function setTraps(): void {
  const url = trap.url.origin;
  writeFileSync(join(directory, "bunfig.toml"), 'preload = ["./trap.ts"]\n');
  writeFileSync(join(directory, "trap.ts"), 'console.log("the trap ran");\n');
  const redirects = { compilerOptions: { paths: { "*": ["./trap.ts"] } }, imports: { "*": "./trap.ts" } };
  for (const name of ["tsconfig.json", "jsconfig.json", "package.json"])
    writeFileSync(join(directory, name), JSON.stringify(redirects));
  writeFileSync(
    join(directory, ".env"),
    `OPENAI_BASE_URL=${url}/v1
HTTP_PROXY=${url}
HTTPS_PROXY=${url}
ALL_PROXY=${url}
http_proxy=${url}
https_proxy=${url}
NODE_TLS_REJECT_UNAUTHORIZED=0
NODE_EXTRA_CA_CERTS=${directory}/certificate.pem
SSL_CERT_FILE=${directory}/certificate.pem
BUN_OPTIONS=--preload=./trap.ts
BUN_CONFIG_VERBOSE_FETCH=curl
`,
  );
}

function start(words: readonly string[], env: Record<string, string> = {}) {
  return Bun.spawn([program, ...words], { cwd: directory, env, stdout: "pipe", stderr: "pipe" });
}

function expect(what: string, met: boolean, seen: unknown): void {
  if (!met) throw new Error(`${program} failed: ${what};  saw ${JSON.stringify(seen)}`);
  console.log(`ok ${what}`);
}

/** Asks the program one question, and ends it. @returns the status, and all output */
async function ask(env: Record<string, string>): Promise<{ status: number; text: string }> {
  const child = start(["--port", "0"], env);
  const complaints = new Response(child.stderr).text();
  try {
    const url = await readUrl(child.stdout);
    const { status } = await postMessage(url, false);
    child.kill("SIGTERM");
    return { status, text: await complaints };
  } finally {
    child.kill("SIGKILL");
  }
}

async function tryVersion(): Promise<void> {
  const child = start(["--version"]);
  const line = await new Response(child.stdout).text();
  expect("--version prints one line", /^claude-code-proxy \d+\.\d+\.\d+\n$/.test(line), line);
}

async function tryWithoutKey(): Promise<void> {
  const child = start([]);
  const [code, text] = await Promise.all([child.exited, new Response(child.stderr).text()]);
  expect("without a key it exits 78 and names --demo", code === 78 && text.includes("--demo"), {
    code,
    text,
  });
}

async function tryDemo(): Promise<void> {
  const child = start(["--demo", "--port", "0"]);
  try {
    const url = await readUrl(child.stdout);
    for (const stream of [false, true]) {
      const response = await postMessage(url, stream);
      const text = await response.text();
      const label = stream ? "the demo streams an answer" : "the demo answers";
      expect(label, response.status === 200 && text.includes("demo") && text.includes("end_turn"), text);
    }
    child.kill("SIGTERM");
    expect("SIGTERM ends it with 0", (await child.exited) === 0, child.exitCode);
  } finally {
    child.kill("SIGKILL");
  }
}

/** The PDF reader is a separate entry point, which must be found inside this program. */
async function tryPdf(): Promise<void> {
  const backend = await startFakeUpstream(text("Read."));
  const env = { OPENAI_BASE_URL: backend.url, OPENAI_API_KEY: upstreamKey };
  const child = start(["--port", "0"], env);
  try {
    const fonts = { J: asianFont("90ms-RKSJ-H", "Japan1") };
    const japanese = { draws: "BT /J 12 Tf 72 720 Td <93fa967b8cea> Tj ET" };
    const data = writePdf([["Words on a page"], japanese], { fonts }).toString("base64");
    const source = { type: "base64", media_type: "application/pdf", data };
    const response = await postMessage(await readUrl(child.stdout), false, [{ type: "document", source }]);
    const asked = JSON.stringify(backend.lastChat().body);
    expect("a PDF is read", response.status === 200 && asked.includes("Words on a page"), asked);
    expect("so is text in a font that is not embedded", asked.includes("日本語"), asked);
  } finally {
    child.kill("SIGKILL");
    await backend.close();
  }
}

/** The operator's key must not be sent to an address from a repository. */
async function tryStolenKey(): Promise<void> {
  const child = start(["--port", "0"], { OPENAI_API_KEY: "mine" });
  const [code, text] = await Promise.all([child.exited, new Response(child.stderr).text()]);
  const isNamed = text.includes("OPENAI_BASE_URL") && text.includes(join(directory, ".env"));
  expect("a base URL from the .env of the directory exits 78 and names the file", code === 78 && isNamed, {
    code,
    text,
  });
}

/** A name that does not exist: only a proxy could answer for it. */
const nowhere = { OPENAI_API_KEY: "mine", OPENAI_BASE_URL: "http://backend.invalid/v1" };

async function tryProxies(): Promise<void> {
  const { status, text } = await ask(nowhere);
  expect("proxies from the .env are not used", status >= 500 && strays === 0, { status, strays });
  expect("no trace of fetches or traps is in the log", !/curl|trap ran/.test(text), text);
  await ask({ ...nowhere, HTTP_PROXY: trap.url.origin });
  expect("a proxy from the environment is", strays > 0, strays);
}

/** A backend whose certificate no authority has signed. */
async function tryAuthorities(): Promise<void> {
  const openssl = Bun.which("openssl");
  if (!openssl) return console.log("-- openssl is missing: certificates are not checked");
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const kind = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject];
  Bun.spawnSync([openssl, ...kind, "-keyout", "key.pem", "-out", "certificate.pem"], {
    cwd: directory,
    stderr: "ignore",
  });
  const [key, cert] = ["key.pem", "certificate.pem"].map((file) =>
    readFileSync(join(directory, file), "utf8"),
  );
  let questions = 0;
  const backend = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: { key, cert },
    fetch(request) {
      if (request.method === "POST") questions += 1;
      return Response.json({ error: { message: "No", code: "no" } }, { status: 400 });
    },
  });
  const env = { OPENAI_API_KEY: "mine", OPENAI_BASE_URL: `${backend.url.origin}/v1` };
  const { status } = await ask(env);
  expect("authorities from the .env are not trusted", status >= 500 && questions === 0, {
    status,
    questions,
  });
  await ask({ ...env, NODE_EXTRA_CA_CERTS: join(directory, "certificate.pem") });
  expect("one from the environment is", questions > 0, questions);
  await backend.stop(true);
}

/** Which files of the directory are opened, according to the kernel. */
async function tryOpenedFiles(): Promise<void> {
  const strace = Bun.which("strace");
  if (!strace) return console.log("-- strace is missing: opened files are not checked");
  const seen = join(directory, "strace.log");
  const look = [strace, "-f", "-e", "trace=open,openat", "-o", seen];
  for (const [label, words, expected] of [
    ["--version opens no .env and no bunfig.toml", ["--version"], []],
    ["nor does run", ["run", "--demo", "--", "/bin/true"], []],
    ["serving looks for the .env, reads it once, and opens no bunfig.toml", ["serve"], [".env", ".env"]],
  ] as const) {
    const child = Bun.spawn([...look, program, ...words], { cwd: directory, env: {}, stderr: "ignore" });
    if (![0, 78].includes(await child.exited)) return console.log("-- strace is not permitted here");
    const opened = [...readFileSync(seen, "utf8").matchAll(/"(?:[^"]*\/)?(\.env[^"/]*|bunfig[^"/]*)"/g)];
    const names = opened.map((match) => match[1]);
    expect(label, names.join() === expected.join(), names);
  }
}

try {
  setTraps();
  await tryVersion();
  await tryWithoutKey();
  await tryDemo();
  await tryPdf();
  await tryStolenKey();
  await tryProxies();
  await tryAuthorities();
  await tryOpenedFiles();
} finally {
  await trap.stop(true);
  rmSync(directory, { recursive: true, force: true });
}
