/** `USAGE_DB`: what the program writes there, and the command that reads it. */
import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestKey } from "../src/config/client-keys.ts";
import { platform, runProgram, startProgram, stopping } from "./support/program.ts";

const directory = mkdtempSync(join(tmpdir(), "usage-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function serve(env: Record<string, string>, messages: number, key: string): Promise<string> {
  const words = ["--demo", "--port", "0", "--log-format", "json"];
  const child = startProgram(words, { cwd: directory, env: { CLIENT_KEYS: "clients", ...env } });
  const first = await child.stdout.getReader().read();
  const { url } = JSON.parse(new TextDecoder().decode(first.value));
  const body = { model: "claude-sonnet-4-6", max_tokens: 50, messages: [{ role: "user", content: "Hello" }] };
  const answers = Array.from({ length: messages }, () =>
    fetch(`${url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": key, connection: "close" },
      body: JSON.stringify(body),
    }).then((response) => response.status),
  );
  expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
  child.kill(stopping.signal);
  const [log] = await Promise.all([child.stderr.text(), child.exited]);
  return log;
}

async function readUsage(database: string) {
  const words = ["usage", "--usage-db", database, "--by", "client", "--json"];
  const { out, err, code } = await runProgram(words, { cwd: directory });
  expect([err, code]).toEqual(["", 0]);
  return JSON.parse(out);
}

test("every message is a row under the name of its client, also from several workers", async () => {
  writeFileSync(join(directory, "clients"), `ann:sha256:${digestKey("ann-key-1")}\n`);
  const database = join(directory, "state", "usage.sqlite");
  const env = { USAGE_DB: database, WORKERS: platform === "linux" ? "2" : "1" };
  await serve(env, 20, "ann-key-1");
  const { rows, total } = await readUsage(database);
  expect(rows).toEqual([expect.objectContaining({ client: "ann", messages: 20, failed: 0 })]);
  expect(total.output_tokens).toBeGreaterThan(0);
});

test("a database that cannot be used harms no message", async () => {
  writeFileSync(join(directory, "clients"), "ann:ann-key-1\n");
  writeFileSync(join(directory, "file"), "");
  const log = await serve({ USAGE_DB: join(directory, "file", "usage.sqlite") }, 3, "ann-key-1");
  expect(log).toContain("cannot keep the usage");
});

test("run keeps none", async () => {
  const database = join(directory, "run.sqlite");
  const env = { USAGE_DB: database, OPENAI_API_KEY: "k", OPENAI_BASE_URL: "http://127.0.0.1:9/v1" };
  const { code } = await runProgram(["run", "--", process.execPath, "--version"], { cwd: directory, env });
  expect(code).toBe(0);
  expect(existsSync(database)).toBe(false);
});
