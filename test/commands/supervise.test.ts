import { afterAll, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SuperviseOptions, supervise } from "../../src/commands/supervise.ts";
import { createLog } from "../../src/telemetry/log.ts";

const home = mkdtempSync(join(tmpdir(), "supervise-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Leaves its number and process id as the name of a file, and ends as it is told. */
const worker = `
  require("node:fs").writeFileSync(process.env.PROXY_WORKER + "-" + process.pid, "");
  if (process.env.IS_BROKEN) process.exit(7);
  process.on("message", (order) => order !== "cut" && process.exit(0));
  process.send("listening");
`;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(home, "workers-"));
});

/** The workers that were started so far, as [number, process id]. */
const started = () =>
  readdirSync(directory).map((name) => {
    const [number, pid] = name.split("-").map(Number);
    return { number, pid: pid ?? 0 };
  });

const numbers = () =>
  started()
    .map(({ number }) => number)
    .sort();

function start(options: Partial<SuperviseOptions> = {}) {
  const script = join(home, "worker.cjs");
  writeFileSync(script, worker);
  const heard: string[] = [];
  const waiting = Promise.withResolvers<string>();
  const log = createLog("INFO", (line) => {
    heard.push(line);
    if (line.includes("takes its place")) waiting.resolve(line);
  });
  const command = ["/bin/sh", "-c", `cd '${directory}' && exec '${process.execPath}' '${script}'`];
  const supervisor = supervise({ count: 2, command, env: {}, stdin: undefined, log, ...options });
  return { supervisor, heard, replaced: waiting.promise };
}

test("starts as many as asked for, and stops them all", async () => {
  const { supervisor, heard } = start({ count: 3 });
  await supervisor.started;
  expect(numbers()).toEqual([1, 2, 3]);
  await supervisor.stop();
  for (const { pid } of started()) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  expect(heard).toEqual([]);
});

test("one that dies is replaced, under its number; the other goes on", async () => {
  const { supervisor, replaced } = start();
  await supervisor.started;
  const victim = started().find(({ number }) => number === 2);
  process.kill(victim?.pid ?? 0, "SIGKILL");
  expect(await replaced).toContain("Worker 2 ended; another takes its place end=SIGKILL");
  while (numbers().length < 3) await Bun.sleep(5);
  await supervisor.renew();
  expect(numbers()).toEqual([1, 1, 2, 2, 2]);
  await supervisor.stop();
});

test("a renewal replaces each, and the old ones end", async () => {
  const { supervisor, heard } = start();
  await supervisor.started;
  await Promise.all([supervisor.renew(), supervisor.renew()]);
  expect(numbers()).toEqual([1, 1, 1, 2, 2, 2]);
  await supervisor.stop();
  expect(heard.filter((line) => line.includes("takes its place"))).toEqual([]);
});

test("a renewal that cannot start a worker leaves the old ones", async () => {
  const env: Record<string, string> = {};
  const { supervisor, heard } = start({ env });
  await supervisor.started;
  const before = started();
  env.IS_BROKEN = "1";
  await supervisor.renew();
  expect(heard.join()).toContain("Cannot replace worker 1");
  for (const { pid } of before) expect(process.kill(pid, 0)).toBe(true);
  await supervisor.stop();
});

test("a first start that fails is an error, and stops the others", async () => {
  const { supervisor } = start({ env: { IS_BROKEN: "1" } });
  expect(supervisor.started).rejects.toThrow(/worker [12] ended with exit code 7/);
  await supervisor.started.catch(() => {});
  for (const { pid } of started()) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});
