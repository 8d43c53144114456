/**
 * Tries a built program as a user would meet it: in a directory full of traps, with an empty environment. Usage:
 * `bun scripts/smoke-program.ts PROGRAM`; exits 1 at the first thing that is not as it should be.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startFakeUpstream, text, upstreamKey } from "../test/support/fake-upstream.ts";
import { writePdf } from "../test/support/write-pdf.ts";

const program = resolve(process.argv[2] ?? "dist/claude-code-proxy");
const directory = mkdtempSync(join(tmpdir(), "smoke-"));

/** What a hostile repository would try: code before ours, another backend, somebody else's proxy. */
function setTraps(): void {
  writeFileSync(join(directory, "bunfig.toml"), 'preload = ["./trap.ts"]\n');
  writeFileSync(join(directory, "trap.ts"), 'console.log("the trap ran");\n');
  writeFileSync(join(directory, ".env"), "HTTP_PROXY=http://127.0.0.1:9\nNODE_TLS_REJECT_UNAUTHORIZED=0\n");
}

function start(...words: string[]) {
  return startWith({}, ...words);
}

function startWith(env: Record<string, string>, ...words: string[]) {
  return Bun.spawn([program, ...words], { cwd: directory, env, stdout: "pipe", stderr: "pipe" });
}

function expect(what: string, met: boolean, seen: unknown): void {
  if (!met) throw new Error(`Smoke ${program}: ${what}; saw ${JSON.stringify(seen)}`);
  console.log(`ok ${what}`);
}

async function tryVersion(): Promise<void> {
  const child = start("--version");
  const line = await new Response(child.stdout).text();
  expect("--version prints one line", /^claude-code-proxy \d+\.\d+\.\d+\n$/.test(line), line);
}

async function tryWithoutKey(): Promise<void> {
  const child = start();
  const [code, text] = await Promise.all([child.exited, new Response(child.stderr).text()]);
  expect("without a key it exits 78 and names --demo", code === 78 && text.includes("--demo"), {
    code,
    text,
  });
}

async function tryDemo(): Promise<void> {
  const child = start("--demo", "--port", "0");
  try {
    const url = await readUrl(child.stdout);
    for (const stream of [false, true]) {
      const response = await fetch(`${url}/v1/messages`, {
        method: "POST",
        headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
        body: JSON.stringify({
          model: "claude-sonnet-4-6",
          max_tokens: 256,
          stream,
          messages: [{ role: "user", content: "Hello" }],
        }),
      });
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

/** The reader of PDFs is a program of its own, which has to be found inside this one. */
async function tryPdf(): Promise<void> {
  const backend = await startFakeUpstream(text("Read."));
  const env = { OPENAI_BASE_URL: backend.url, OPENAI_API_KEY: upstreamKey };
  const child = startWith(env, "--port", "0");
  try {
    const data = writePdf([["Words on a page"]]).toString("base64");
    const source = { type: "base64", media_type: "application/pdf", data };
    const messages = [{ role: "user", content: [{ type: "document", source }] }];
    const url = await readUrl(child.stdout);
    const body = JSON.stringify({ model: "claude-sonnet-4-6", max_tokens: 256, messages });
    const response = await fetch(`${url}/v1/messages`, { method: "POST", body });
    const asked = JSON.stringify(backend.lastChat().body);
    expect("a PDF is read", response.status === 200 && asked.includes("Words on a page"), asked);
  } finally {
    child.kill("SIGKILL");
    await backend.close();
  }
}

async function readUrl(stdout: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stdout) {
    text += decoder.decode(bytes, { stream: true });
    const url = /listens on (\S+)\n/.exec(text)?.[1];
    if (url) return url;
  }
  throw new Error(`Smoke ${program}: it ended without a URL; saw ${JSON.stringify(text)}`);
}

try {
  setTraps();
  await tryVersion();
  await tryWithoutKey();
  await tryDemo();
  await tryPdf();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
