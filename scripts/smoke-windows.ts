/**
 * Tests what Windows does differently: consoles instead of signals, its shell, batch files, paths with spaces.
 * `SMOKE_PROGRAM` is the program, `SMOKE_LAUNCHER` starts it elsewhere. Exits 1 at the first failure.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram, startProgram } from "../test/support/program.ts";

const directory = mkdtempSync(join(tmpdir(), "smoke windows "));
const env = { OPENAI_API_KEY: "backend-secret", OPENAI_BASE_URL: "http://127.0.0.1:9/v1" };

function expect(what: string, isMet: boolean, seen: unknown): void {
  if (!isMet) throw new Error(`The program failed: ${what}; saw ${JSON.stringify(seen)}`);
  console.log(`ok ${what}`);
}

const run = (words: readonly string[]) =>
  runProgram(["run", "--demo", "--", ...words], { cwd: directory, env });

async function tryVersion(): Promise<void> {
  const seen = await runProgram(["--version"], { cwd: directory });
  expect("--version prints one line", /^claude-code-proxy \d+\.\d+\.\d+\n$/.test(seen.out), seen);
}

async function tryServe(): Promise<void> {
  const child = startProgram(["serve", "--demo", "--port", "0"], { cwd: directory });
  const log = child.stderr.text();
  for await (const bytes of child.stdout) {
    const url = /listens on (\S+)\r?\n/.exec(new TextDecoder().decode(bytes))?.[1];
    if (!url) continue;
    const response = await fetch(`${url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: "claude-sonnet-4-6",
        max_tokens: 64,
        stream: true,
        messages: [{ role: "user", content: "Hello" }],
      }),
    });
    const text = await response.text();
    expect("the demo streams an answer", text.includes("demo") && text.includes("message_stop"), text);
    break;
  }
  // Wine makes Ctrl-C of it.
  child.kill("SIGINT");
  const code = await child.exited;
  expect("Ctrl-C ends it gently, with 0", code === 0 && (await log).includes("SIGINT: finishing"), code);
}

async function tryCommands(): Promise<void> {
  const failed = await run(["cmd", "/c", "exit 3"]);
  expect("run passes on an exit code", failed.code === 3, failed);
  const missing = await run(["no-such-program"]);
  expect("run exits 127 if there is no such program", missing.code === 127, missing);
  const shown = await run(["cmd", "/c", "set"]);
  const hasOurs = /^ANTHROPIC_BASE_URL=http:\/\/127\.0\.0\.1:\d+\r?$/m.test(shown.out);
  expect("run sets the command's variables", shown.code === 0 && hasOurs, shown);
  expect("run keeps the backend's key to itself", !shown.out.includes("backend-secret"), shown.out);
}

async function tryBatchFile(): Promise<void> {
  // Wine's cmd does not know carets, with which the arguments are kept whole.
  if (process.platform !== "win32") return console.log("-- not on Windows: batch files are not checked");
  mkdirSync(join(directory, "a folder"));
  const file = join(directory, "a folder", "my tool.cmd");
  writeFileSync(file, "@echo off\r\necho [%~1] [%~2] [%~3]\r\nexit /b 5\r\n");
  const seen = await run([file, "one two", "a&b", "c"]);
  const isWhole = seen.code === 5 && seen.out.includes("[one two] [a&b] [c]");
  expect("run starts a batch file in a path with spaces, with its arguments whole", isWhole, seen);
}

try {
  await tryVersion();
  await tryServe();
  await tryCommands();
  await tryBatchFile();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
