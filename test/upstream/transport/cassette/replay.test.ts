import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProxyError } from "../../../../src/errors.ts";
import { nameQuestion, readQuestion } from "../../../../src/upstream/transport/cassette/read-question.ts";
import { replayExchanges } from "../../../../src/upstream/transport/cassette/replay.ts";
import { type Take, writeTape } from "../../../../src/upstream/transport/cassette/tape.ts";
import type { SendRequest } from "../../../../src/upstream/transport/send.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "replay-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const asking = (content: string, signal = new AbortController().signal): SendRequest => ({
  method: "POST",
  url: "https://backend.example/v1/chat/completions",
  headers: {},
  body: JSON.stringify({ model: "m", messages: [{ role: "user", content }] }),
  silenceMs: 0,
  signal,
});
const taking = (text: string, status = 200): Take => ({ status, headers: {}, body: [[0, text]] });
function record(content: string, ...takes: Take[]): void {
  const question = readQuestion(asking(content));
  writeTape(directory, nameQuestion(question), {
    question: { ...question, conversation: [...question.conversation] },
    takes,
  });
}
const open = (timed = false) => {
  const sender = replayExchanges({ directory, timed });
  return async (content: string) => {
    const answer = await sender.send(asking(content));
    return `${answer.status} ${await answer.text(100)}`;
  };
};

test("a repeated question gets its next answer, then the last one again and again", async () => {
  record("Again", taking("first"), taking("second"));
  const ask = open();
  expect([await ask("Again"), await ask("Again"), await ask("Again")]).toEqual([
    "200 first",
    "200 second",
    "200 second",
  ]);
});

test("a refusal that a later answer made good is skipped, a last one is not", async () => {
  record("One", taking("refused", 400), taking("fine"));
  record("Two", taking("fine"), taking("busy", 429));
  const ask = open();
  expect([await ask("One"), await ask("One")]).toEqual(["200 fine", "200 fine"]);
  expect([await ask("Two"), await ask("Two")]).toEqual(["200 fine", "429 busy"]);
});

test("a question without a recording is an error that clients do not retry", async () => {
  const thrown = await open()("Who  are\nyou?").catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(ProxyError);
  expect(thrown).toMatchObject({ kind: "invalid-request", headers: { "x-should-retry": "false" } });
  expect(String(thrown)).toContain('m after "user: Who are you?"; record it with --record');
});

test("an answer comes in its pieces, until the client leaves", async () => {
  record("Slowly", {
    status: 200,
    headers: { "retry-after": "1" },
    body: [
      [0, "Grü"],
      [1, "ße"],
    ],
  });
  for (const timed of [false, true]) {
    const leave = new AbortController();
    const answer = await replayExchanges({ directory, timed }).send(asking("Slowly", leave.signal));
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(new TextDecoder().decode(await answer.read())).toBe("Grü");
    leave.abort();
    expect(await answer.read()).toBeUndefined();
  }
});
