import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveWithWorkers } from "../../src/commands/serve-with-workers.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { testConfig } from "../support/proxy.ts";

/** Leaves its arguments and its first line of stdin in a file of its number, and ends when it is told to. */
const worker = `
  const { readFileSync, writeFileSync } = require("node:fs");
  const facts = [readFileSync(0, "utf8"), ...process.argv.slice(3)];
  writeFileSync(process.argv[2] + process.env.PROXY_WORKER, JSON.stringify(facts));
  process.on("message", () => process.exit(0));
  process.send("listening");
`;

test("all workers get one port and the key; one banner and one ready file tell of them", async () => {
  const directory = mkdtempSync(join(tmpdir(), "serve-with-workers-"));
  const readyFile = join(directory, "ready.json");
  const script = join(directory, "worker.cjs");
  writeFileSync(script, worker);
  const printed: string[] = [];
  const logged: string[] = [];
  const serving = await serveWithWorkers(
    {
      config: testConfig({ server: { port: 0 }, log: { format: "json" } }),
      log: createLog("WARNING", (line) => void logged.push(line)),
      demo: false,
      cassette: undefined,
      name: "proxy",
      version: "1.2.3",
      pid: 42,
      readyFile,
      print: (line) => printed.push(line),
    },
    { count: 2, command: [process.execPath, script, `${directory}/`], env: {}, stdin: "secret\n" },
  );
  await serving.announce();
  const { port, pid } = JSON.parse(readFileSync(readyFile, "utf8"));
  expect(pid).toBe(42);
  expect(printed).toHaveLength(1);
  expect(logged).toEqual([]);
  for (const number of [1, 2])
    expect(JSON.parse(readFileSync(join(directory, String(number)), "utf8"))).toEqual([
      "secret\n",
      "--port",
      String(port),
    ]);
  await serving.stop();
  expect(existsSync(readyFile)).toBe(false);
  rmSync(directory, { recursive: true, force: true });
});
