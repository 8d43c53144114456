import { describe, expect, test } from "bun:test";
import { ProxyError } from "../../../src/errors.ts";
import { type ReplyEvent, readAll, spellOut } from "../../../src/reply.ts";
import { makeAttempt } from "../../../src/upstream/attempt/make-attempt.ts";
import { openaiChat } from "../../../src/upstream/openai-chat/protocol.ts";
import { contentChunk, encodeChunk } from "../../support/fake-replies.ts";
import { createFakeSender, type FakeAnswer, type FakeSender } from "../../support/fake-sender.ts";
import { planFor } from "../../support/plans.ts";
import { ask } from "../../support/proxy.ts";

const plan = planFor(ask());
const finish = { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
const usage = { choices: [], usage: { prompt_tokens: 5, completion_tokens: 1 } };
const jsonHeaders = { "content-type": "application/json" };

async function attempt(
  answer: FakeAnswer | Error,
): Promise<{ reads: ReplyEvent[][]; kinds: string[]; sender: FakeSender }> {
  const sender = createFakeSender(answer);
  const reads: ReplyEvent[][] = [];
  const reply = await makeAttempt({
    protocol: openaiChat,
    plan,
    written: openaiChat.writeRequest(plan, []),
    sender,
    isolated: false,
    signal: new AbortController().signal,
  });
  for await (const facts of readAll(reply)) reads.push(facts);
  const kinds = reads
    .flat()
    .map((fact) => (fact.type === "failure" ? `failure: ${fact.error.kind}` : fact.type));
  return { reads, kinds, sender };
}

test("the request goes to the plan's address with its headers", async () => {
  const { sender } = await attempt({ pieces: ["data: [DONE]\n\n"] });
  const [request] = sender.requests;
  expect(request).toMatchObject({
    method: "POST",
    url: plan.url,
    silenceMs: plan.backend.silenceMs,
  });
  expect(request?.headers).toMatchObject({ ...plan.backend.headers, "content-type": "application/json" });
});

describe("a stream", () => {
  test("gives the facts of each read, however the reads divide its events", async () => {
    const bytes = encodeChunk(contentChunk("Hel")) + encodeChunk(contentChunk("lo")) + encodeChunk(finish);
    const { reads, sender } = await attempt({ pieces: [bytes.slice(0, 30), bytes.slice(30)] });
    expect(spellOut(reads[0] ?? [])).toEqual([
      { type: "text-delta", text: "Hel" },
      { type: "text-delta", text: "lo" },
    ]);
    expect(sender.released()).toBe(1);
  });

  test("may break after its finish reason, but not before", async () => {
    const broken = new ProxyError("unreachable", "The connection was reset");
    const begun = encodeChunk(contentChunk("Hi"));
    const late = await attempt({ pieces: [begun, encodeChunk(finish), encodeChunk(usage), broken] });
    expect(late.kinds).toEqual(["text-delta", "usage", "finish"]);
    const early = await attempt({ pieces: [begun, broken] });
    expect(early.kinds).toEqual(["text-delta", "failure: unreachable"]);
    expect(early.sender.released()).toBe(1);
  });

  test("starts with the rate limits of its headers", async () => {
    const headers = { "content-type": "text/event-stream", "x-ratelimit-remaining-requests": "7" };
    expect((await attempt({ headers, pieces: [encodeChunk(finish)] })).reads[0]?.[0]).toEqual({
      type: "limits",
      headers: { "anthropic-ratelimit-requests-remaining": "7" },
    });
  });
});

describe("another answer", () => {
  test("in one piece is read as a message", async () => {
    const body = JSON.stringify({ choices: [{ message: { content: "Hi" }, finish_reason: "stop" }] });
    const { kinds } = await attempt({ headers: jsonHeaders, pieces: [body] });
    expect(kinds).toEqual(["text-delta", "finish"]);
  });

  test("labelled as JSON may be a stream", async () => {
    const pieces = [`: comment\n\n${encodeChunk(contentChunk("Hi"))}${encodeChunk(finish)}`];
    expect((await attempt({ headers: jsonHeaders, pieces })).kinds).toEqual(["text-delta", "finish"]);
  });

  test("of HTML is an error, whatever its status", async () => {
    const headers = { "content-type": "text/html" };
    const { reads } = await attempt({ headers, pieces: ["<title>Log in</title>"] });
    expect(reads).toMatchObject([
      [{ type: "failure", error: { message: expect.stringContaining("a web page answered (Log in)") } }],
    ]);
  });

  test("with an error status is read as an error", async () => {
    const pieces = [JSON.stringify({ error: { message: "Busy" } })];
    expect((await attempt({ status: 503, headers: jsonHeaders, pieces })).kinds).toEqual([
      "failure: overloaded",
    ]);
  });

  test("that never comes is a failure too", async () => {
    const silent = new ProxyError("timeout", "The backend was silent");
    expect((await attempt(silent)).kinds).toEqual(["failure: timeout"]);
    expect((await attempt(new Error("unforeseen"))).kinds).toEqual(["failure: internal"]);
  });
});

describe("a hostile answer", () => {
  test("with too many calls keeps those that came, and then fails", async () => {
    const calls = Array.from({ length: 74_000 }, (_, index) => ({
      index,
      id: `call_${index}`,
      function: { name: "f", arguments: "{}" },
    }));
    const { kinds } = await attempt({
      pieces: [encodeChunk({ choices: [{ delta: { tool_calls: calls } }] })],
    });
    expect(kinds.filter((kind) => kind === "tool-start")).toHaveLength(1000);
    expect(kinds.at(-1)).toBe("failure: upstream");
  });

  test("with an endless line fails, and is released", async () => {
    const piece = "x".repeat(1024 * 1024);
    const { reads, sender } = await attempt({ pieces: ["data: ", ...new Array<string>(20).fill(piece)] });
    expect(reads.flat()).toMatchObject([
      {
        type: "failure",
        error: {
          kind: "upstream",
          // It would be the same again, and cost as much.
          isOurs: true,
          message: "Cannot read the backend's stream: The limit is 16777216 characters for a line",
        },
      },
    ]);
    expect(sender.released()).toBe(1);
  });

  for (const [name, type] of [
    ["a chunk", "text/event-stream"],
    ["a JSON answer", "application/json"],
  ]) {
    test(`nested too deeply, as ${name}, is no answer`, async () => {
      const body = `{"choices":${"[".repeat(1_000_000)}`;
      const { kinds } = await attempt({
        headers: { "content-type": type ?? "" },
        pieces: [type === "application/json" ? body : `data: ${body}\n\n`],
      });
      expect(kinds).toEqual(["failure: upstream"]);
    });
  }
});

test("one huge read is passed on in parts, so that none of it waits in memory as facts", async () => {
  const chunk = encodeChunk(contentChunk("x".repeat(1000)));
  const { reads } = await attempt({
    pieces: [chunk.repeat(1000) + encodeChunk(finish) + encodeChunk(usage)],
  });
  const deltas = reads.map((facts) => spellOut(facts).filter(({ type }) => type === "text-delta").length);
  expect(deltas.reduce((sum, count) => sum + count)).toBe(1000);
  expect(Math.max(...deltas)).toBeLessThan(150);
});

describe("a JSON answer whose connection breaks", () => {
  const message = { role: "assistant", content: "Hello" };
  const body = JSON.stringify({ choices: [{ index: 0, message, finish_reason: "stop" }] });
  const lost = new ProxyError("unreachable", "Cannot reach the backend");

  test("counts if all of it has arrived", async () => {
    const { kinds } = await attempt({ headers: jsonHeaders, pieces: [body, lost] });
    expect(kinds).toEqual(["text-delta", "finish"]);
  });

  test("counts if it is a stream that was finished", async () => {
    const stream = encodeChunk(contentChunk("Hello")) + encodeChunk(finish);
    const { kinds } = await attempt({ headers: jsonHeaders, pieces: [stream, lost] });
    expect(kinds).toEqual(["text-delta", "finish"]);
  });

  test("fails if it is truncated", async () => {
    const { kinds } = await attempt({ headers: jsonHeaders, pieces: [body.slice(0, -5), lost] });
    expect(kinds).toEqual(["failure: unreachable"]);
  });

  test("counts as an error if it was one", async () => {
    const error = JSON.stringify({ error: { message: "no credit left", code: "insufficient_quota" } });
    const { reads } = await attempt({ status: 402, headers: jsonHeaders, pieces: [error, lost] });
    expect(reads.flat()).toMatchObject([{ type: "failure", error: { kind: "billing" } }]);
  });
});
