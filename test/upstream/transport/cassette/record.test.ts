import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../../../../src/telemetry/log.ts";
import { recordExchanges } from "../../../../src/upstream/transport/cassette/record.ts";
import { replayExchanges } from "../../../../src/upstream/transport/cassette/replay.ts";
import type { SendRequest } from "../../../../src/upstream/transport/send.ts";
import { createFakeSender, type FakeAnswer } from "../../../support/fake-sender.ts";

let directory = "";
let log: string[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "record-"));
  log = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const asking = (content: string, signal = new AbortController().signal): SendRequest => ({
  method: "POST",
  url: "https://backend.example/v1/chat/completions",
  headers: { authorization: "Bearer my secret" },
  body: JSON.stringify({ model: "m", messages: [{ role: "user", content }] }),
  silenceMs: 0,
  signal,
});
const open = (...answers: FakeAnswer[]) =>
  recordExchanges({
    sender: createFakeSender(...answers),
    directory,
    secrets: () => ['my "secret"'],
    log: createLog("DEBUG", (line) => void log.push(line)),
  });
const takes = () =>
  readdirSync(directory).flatMap((file) => JSON.parse(readFileSync(join(directory, file), "utf8")).takes);
const bodies = () => takes().map(({ body }) => body.map(([, text]: [number, string]) => text));

test("an answer that was read to its end is recorded in its pieces", async () => {
  const answer = await open({ pieces: ["Hel", "lo"] }).send(asking("Hi"));
  while (await answer.read()) expect(bodies()).toEqual([]);
  expect(bodies()).toEqual([["Hel", "lo"]]);
});

test("an answer that was released early, or read as a whole, is recorded too", async () => {
  const sender = open({ pieces: ["Hel", "lo"] }, { pieces: ["Hel", "lo"] });
  const first = await sender.send(asking("Hi"));
  await first.read();
  first.release();
  expect(await (await sender.send(asking("Hi"))).text(100)).toBe("Hello");
  expect(bodies()).toEqual([["Hel"], ["Hello"]]);
});

test("an answer that breaks off, or that the client did not wait for, is not recorded", async () => {
  const broken = await open({ pieces: ["Hel", new Error("reset")] }).send(asking("Hi"));
  await broken.read();
  await broken.read().catch(() => {});
  broken.release();
  const leave = new AbortController();
  const left = await open({ pieces: ["Hel", "lo"] }).send(asking("Hi", leave.signal));
  await left.read();
  leave.abort();
  left.release();
  expect(takes()).toEqual([]);
});

test("an error is recorded with the headers that matter, and no others", async () => {
  const headers = { "retry-after": "9", "x-ratelimit-limit-requests": "5", "openai-organization": "us" };
  await (await open({ status: 429, headers, pieces: ["Slow down"] }).send(asking("Hi"))).text(100);
  expect(takes()).toMatchObject([
    { status: 429, headers: { "retry-after": "9", "x-ratelimit-limit-requests": "5" } },
  ]);
  expect(JSON.stringify(takes())).not.toContain("openai-organization");
});

test("a new run replaces what an earlier run recorded", async () => {
  for (const text of ["old", "new"]) await (await open({ pieces: [text] }).send(asking("Hi"))).text(100);
  expect(bodies()).toEqual([["new"]]);
});

test("secrets are left out of questions and answers, and then the answer is one piece", async () => {
  const answer = await open({ pieces: ['{"a":"my \\"sec', 'ret\\""}'] }).send(asking('Say my "secret"'));
  while (await answer.read());
  const [file = ""] = readdirSync(directory);
  expect(readFileSync(join(directory, file), "utf8")).not.toMatch(/secret|sec/);
  expect(bodies()).toEqual([['{"a":"***"}']]);
});

test("a directory that cannot be written costs a line in the log, not the answer", async () => {
  rmSync(directory, { recursive: true });
  writeFileSync(directory, "");
  expect(await (await open({ pieces: ["Hello"] }).send(asking("Hi"))).text(100)).toBe("Hello");
  expect(log.join()).toContain("Cannot record the exchange");
});

describe("a trace", () => {
  const tracingWithin = (maxTraceBytes: number | undefined, ...answers: (FakeAnswer | Error)[]) =>
    recordExchanges({
      sender: createFakeSender(...answers),
      directory,
      secrets: () => ["sesame-open-1"],
      log: createLog("DEBUG", (line) => void log.push(line)),
      isTrace: true,
      ...(maxTraceBytes !== undefined && { maxTraceBytes }),
    });
  const tracing = (...answers: (FakeAnswer | Error)[]) => tracingWithin(undefined, ...answers);
  const asked = { model: "opus", metadata: { user_id: "someone" }, messages: [{ content: "sesame-open-1" }] };

  test("has what was asked, sent and answered, without keys, headers and users", async () => {
    const url = "https://user:pass@backend.example/v1/chat/completions?key=my-hidden-key";
    const request = { ...asking("Open sesame-open-1"), url, asked };
    await (await tracing({ pieces: ["Hel", "lo"] }).send(request)).text(100);
    const [take] = takes();
    expect(take).toMatchObject({
      status: 200,
      trace: {
        url: "https://backend.example/v1/chat/completions",
        asked: { model: "opus", messages: [{ content: "***" }] },
        sent: { model: "m", messages: [{ role: "user", content: "Open ***" }] },
      },
    });
    const text = JSON.stringify(take);
    for (const secret of ["sesame", "my secret", "someone", "pass@", "my-hidden-key"])
      expect(text).not.toContain(secret);
  });

  test("has exchanges that broke off, or brought no answer, and can be replayed", async () => {
    const answer = await tracing({ pieces: ["Hel", new Error("reset")] }).send(asking("Hi"));
    await answer.read();
    await answer.read().catch(() => {});
    await tracing(new Error("refused"))
      .send(asking("Bye"))
      .catch(() => {});
    const faults = takes().map(({ trace: { fault } }) => fault);
    expect(faults.toSorted()).toEqual(["refused", "reset"]);
    const replayed = await replayExchanges({ directory, timed: false }).send(asking("Hi"));
    expect(await replayed.text(100)).toBe("Hel");
  });

  test("of another run is added to", async () => {
    await (await tracing({ pieces: ["one"] }).send(asking("Hi"))).text(100);
    await (await tracing({ pieces: ["two"] }).send(asking("Hi"))).text(100);
    expect(bodies()).toEqual([["one"], ["two"]]);
  });

  test("keeps the last answers to one question, since some are asked forever", async () => {
    for (let count = 1; count <= 20; count++)
      await (await tracing({ pieces: [`answer ${count}`] }).send(asking("Hi"))).text(100);
    expect(bodies().at(-1)).toEqual(["answer 20"]);
    expect(bodies()).toHaveLength(8);
  });

  test("is kept to a size: the oldest exchanges go, and recordings stay", async () => {
    await (await open({ pieces: ["recorded"] }).send(asking("Recorded"))).text(100);
    writeFileSync(join(directory, "notes.txt"), "mine");
    const before = new Set(readdirSync(directory));
    await (await tracing({ pieces: ["old"] }).send(asking("Old"))).text(100);
    const old = readdirSync(directory).filter((file) => !before.has(file));
    for (const file of old) utimesSync(join(directory, file), 1, 1);
    await (await tracingWithin(1, { pieces: ["new"] }).send(asking("New"))).text(100);
    for (const file of before) expect(existsSync(join(directory, file))).toBe(true);
    for (const file of old) expect(existsSync(join(directory, file))).toBe(false);
  });
});
