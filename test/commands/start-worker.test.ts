import { expect, test } from "bun:test";
import { startWorker } from "../../src/commands/start-worker.ts";

const start = (script: string) =>
  startWorker(3, { command: [process.execPath, "-e", script], env: {}, stdin: "key\n" }, () => {});

test("a worker knows its number, reads what it is given, and does what it is told", async () => {
  const worker = start(`
    process.on("message", (order) => process.exit(order === "retire" ? 5 : 6));
    const isRight = process.env.PROXY_WORKER === "3" && (await Bun.stdin.text()) === "key\\n";
    process.send(isRight ? "listening" : "wrong");
  `);
  await worker.listens;
  worker.tell("retire");
  expect(await worker.ended).toEqual({ how: "exit code 5", hasListened: true });
});

test("one that ends before it listens has not started, and can be told nothing", async () => {
  const worker = start("process.exit(7)");
  await expect(worker.listens).rejects.toThrow("Cannot start: worker 3 ended with exit code 7");
  expect(await worker.ended).toEqual({ how: "exit code 7", hasListened: false });
  worker.tell("stop");
});
