import { describe, expect, test } from "bun:test";
import { EventText } from "../../src/anthropic/encode-event.ts";
import { ProxyError } from "../../src/errors.ts";
import { defaultPace, type Pace } from "../../src/journey/services.ts";
import { streamReply } from "../../src/journey/stream-reply.ts";
import { beginReply, type Reply, type ReplyEvent } from "../../src/reply.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { MessageRecord, type Outcome } from "../../src/telemetry/record.ts";
import { createTestWriter } from "../support/answers.ts";
import { checkStream, foldContent } from "../support/grammar.ts";
import { finished, said, used } from "../support/reply-events.ts";

const failure: ReplyEvent = { type: "failure", error: new ProxyError("overloaded", "Busy") };
const limits: ReplyEvent = { type: "limits", headers: { "anthropic-ratelimit-requests-remaining": "7" } };

type Read = ReplyEvent[] | Promise<ReplyEvent[]>;

function open(reads: readonly Read[] | Reply, pace: Partial<Pace> = {}, stallMs = 60_000) {
  const outcomes: Outcome[] = [];
  let isReturned = false;
  async function* reply(reads: readonly Read[]) {
    try {
      for (const read of reads) yield await read;
    } finally {
      isReturned = true;
    }
  }
  const about = { id: "req_1", asked: "m", sent: "m", backend: "b", stream: true };
  const record = new MessageRecord(
    createLog("ERROR", () => {}),
    about,
  );
  const events = new EventText();
  const response = streamReply({
    reply: beginReply("next" in reads ? reads : reply(reads)),
    writer: createTestWriter(events),
    events,
    record,
    pace: { ...defaultPace, ...pace },
    mayPass: false,
    stallMs,
    onEnd: (outcome) => void outcomes.push(outcome),
  });
  return { response, outcomes, isReturned: () => isReturned, chunks: () => record.progress().chunks };
}

test("facts become events, and rate limits headers", async () => {
  const { response, outcomes } = open([
    [limits, said("Hel")],
    [said("lo"), used, finished],
  ]);
  const { headers, body } = await response;
  expect(headers.get("anthropic-ratelimit-requests-remaining")).toBe("7");
  expect(headers.get("content-type")).toStartWith("text/event-stream");
  expect(foldContent(checkStream(await new Response(body).text()))).toMatchObject([{ text: "Hello" }]);
  expect(outcomes).toEqual(["answered"]);
});

test("the last facts and the end of the message are sent together, and nothing more is asked for", async () => {
  const { response } = open([[said("Hel")], [said("lo"), used, finished]]);
  const whole = await (await response).text();

  const reads: ReplyEvent[][] = [[said("Hel")], [said("lo"), used, finished]];
  let asked = 0;
  const reply = {
    next: () => Promise.resolve({ value: reads[asked++] ?? [], done: false as const }),
    get isOver() {
      return asked >= reads.length;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  const { response: told } = open(reply);
  const sent = await Array.fromAsync((await told).body ?? []);
  expect(asked).toBe(2);
  const text = sent.map((bytes) => new TextDecoder().decode(bytes));
  expect(withoutId(text.join(""))).toBe(withoutId(whole));
  expect(text).toHaveLength(2);
  expect(text[1]).toContain("message_stop");
});

const withoutId = (text: string) => text.replace(/msg_\w+/, "");

test("only reads with facts count as chunks, also if the answer begins before them", async () => {
  const late = Promise.withResolvers<ReplyEvent[]>();
  const { response, chunks } = open([late.promise, [used, finished]], { headersAfter: 1 });
  const { body } = await response;
  expect(chunks()).toBe(0);
  late.resolve([said("Hi")]);
  await new Response(body).text();
  expect(chunks()).toBe(2);
});

describe("a failure", () => {
  test("before the first visible fact is thrown, and the reply is closed", async () => {
    const { response, outcomes, isReturned } = open([[limits, used, failure]]);
    expect(response).rejects.toThrow("Busy");
    await response.catch(() => {});
    expect([outcomes, isReturned()]).toEqual([[], true]);
  });

  test("later is an event", async () => {
    const events = checkStream(await (await open([[said("Hel")], [failure]]).response).text());
    expect(events.at(-1)).toMatchObject({ type: "error", error: { type: "overloaded_error" } });
  });

  test("that is thrown is an event, and the end", async () => {
    const { response, outcomes } = open([[said("Hel")], Promise.reject(new Error("a bug"))]);
    const events = checkStream(await (await response).text());
    expect(events.at(-1)).toMatchObject({ type: "error", error: { type: "api_error" } });
    expect(outcomes).toEqual(["answered"]);
  });

  test("after the bounded wait is an event too", async () => {
    const late = Promise.withResolvers<ReplyEvent[]>();
    const response = await open([late.promise], { headersAfter: 1 }).response;
    late.resolve([failure]);
    expect(checkStream(await response.text()).at(-1)?.type).toBe("error");
  });
});

test("a silent backend is bridged with pings and empty deltas", async () => {
  const late = Promise.withResolvers<ReplyEvent[]>();
  const { response } = open([late.promise, [finished]], { headersAfter: 1, pingAfter: 1, deltaAfter: 1 });
  const reader = (await response).body?.pipeThrough(new TextDecoderStream()).getReader();
  let seen = "";
  while (!seen.includes('"thinking":""}}')) seen += (await reader?.read())?.value ?? "";
  late.resolve([said("Hi")]);
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) seen += part.value;
  expect(foldContent(checkStream(seen))).toMatchObject([{ type: "thinking" }, { type: "text", text: "Hi" }]);
});

test("a client that leaves ends it once", async () => {
  const never = new Promise<ReplyEvent[]>(() => {});
  const { response, outcomes } = open([[said("Hi")], never]);
  const reader = (await response).body?.getReader();
  await reader?.read();
  await reader?.cancel();
  expect(outcomes).toEqual(["client left"]);
});

test("a client that takes nothing of what waits for it is cut", async () => {
  const { response, outcomes } = open([[said("Hel")], [said("lo")]], {}, 20);
  const reader = (await response).body?.getReader();
  while (outcomes.length === 0) await Bun.sleep(1);
  expect(outcomes).toEqual(["client left"]);
  await expect((async () => reader?.read())()).rejects.toThrow("The client has stopped reading");
});

describe("a reply that passes", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const start = 'event: message_start\ndata: {"type":"message_start"}\n\n';
  const reads: ReplyEvent[][] = [
    [
      { type: "passed", bytes: bytes(start), opens: true },
      { type: "passed", bytes: bytes("event: a\n\n") },
    ],
    [{ type: "passed", bytes: bytes("event: b\n\n") }],
    [{ type: "passed", bytes: bytes("event: c\n\n") }, used, finished],
  ];

  test("has nothing of ours in it", async () => {
    const { response, outcomes } = open(reads);
    expect(await (await response).text()).toBe(`${start}event: a\n\nevent: b\n\nevent: c\n\n`);
    expect(outcomes).toEqual(["answered"]);
  });

  test("does not begin a message that has begun, because it took long", async () => {
    const late = Promise.withResolvers<ReplyEvent[]>();
    const response = await open([late.promise, ...reads.slice(1)], { headersAfter: 1 }).response;
    late.resolve(reads[0] ?? []);
    const text = await response.text();
    expect(text.match(/event: message_start/g)).toHaveLength(1);
    expect(text).toEndWith("event: a\n\nevent: b\n\nevent: c\n\n");
  });

  test("may fail after its last event", async () => {
    const text = await (await open([...reads.slice(0, 2), [failure]]).response).text();
    expect(text).toStartWith(`${start}event: a\n\nevent: b\n\nevent: error\n`);
  });
});
