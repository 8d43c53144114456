import { expect, test } from "bun:test";
import { OpenLine } from "../../../src/upstream/transport/hold-line.ts";
import { BackendAnswer } from "../../../src/upstream/transport/read-answer.ts";

const utf8 = new TextEncoder();

function answerWith(pieces: readonly string[], fault?: Error, headers: Record<string, string> = {}) {
  const signal = new AbortController().signal;
  const line = new OpenLine({ url: "http://127.0.0.1:1", silenceMs: 60_000, signal }, undefined, () => {});
  const server = { isKnown: true, isAbrupt: false };
  const sizes: number[] = [];
  const left = pieces.map((piece) => utf8.encode(piece));
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = left.shift();
      if (next) controller.enqueue(next);
      else if (fault) controller.error(fault);
      else controller.close();
    },
  });
  const response = new Response(body, { status: 201, headers });
  return {
    answer: new BackendAnswer(response, line, server, (size) => sizes.push(size)),
    line,
    server,
    sizes,
  };
}

const closed = () => Object.assign(new Error("closed"), { code: "ConnectionClosed" });

test("the text is all that came, in pieces of any size", async () => {
  const { answer, line, server, sizes } = answerWith(["Grü", "ße", "!"]);
  server.isAbrupt = true;
  expect(answer.status).toBe(201);
  expect(await answer.text(100)).toBe("Grüße!");
  expect(sizes).toEqual([4, 3, 1]);
  expect([line.isOver, line.signal.aborted, server.isAbrupt]).toEqual([true, false, false]);
  expect(await answer.read()).toBeUndefined();
});

test("a small body of known length is read as a whole", async () => {
  const { answer, line } = answerWith(["Grü", "ße"], undefined, { "content-length": "7" });
  expect(await answer.text(100)).toBe("Grüße");
  expect([line.isOver, line.signal.aborted]).toEqual([true, false]);
  const broken = answerWith(["{}"], closed(), { "content-length": "9" });
  const isWhole = (text: string) => text === "{}";
  await expect(broken.answer.text(100, isWhole)).rejects.toMatchObject({ kind: "unreachable" });
  // From now on what came before the break is not lost.
  expect(broken.server.isAbrupt).toBe(true);
  const again = answerWith(["{}"], closed(), { "content-length": "9" });
  again.server.isAbrupt = true;
  expect(await again.answer.text(100, isWhole)).toBe("{}");
  // Without any text, the status of an error still says what is wrong.
  const refused = answerWith(["{}"], closed(), { "content-length": "9" });
  expect(await refused.answer.text(100, () => true)).toBe("");
  expect(refused.line.isOver).toBe(true);
});

test("a body beyond the limit is not read on", async () => {
  const { answer, line } = answerWith(["1234", "5678", "9"]);
  expect(await answer.text(6)).toBe("12345678");
  expect(line.signal.aborted).toBe(true);
});

test("the length of a body in chunks is not believed", async () => {
  const headers = { "content-length": "2", "transfer-encoding": "chunked" };
  const { answer, line } = answerWith(["1234", "5678", "9"], undefined, headers);
  expect(await answer.text(6)).toBe("12345678");
  expect(line.signal.aborted).toBe(true);
});

test("a connection that breaks is remembered, and an error unless the text is whole", async () => {
  const broken = answerWith(["{", "}"], closed());
  await expect(broken.answer.text(100)).rejects.toMatchObject({ kind: "unreachable" });
  expect(broken.server.isAbrupt).toBe(true);
  const whole = answerWith(["{", "}"], closed());
  expect(await whole.answer.text(100, (text) => text === "{}")).toBe("{}");
});

test("a released answer ends with what still comes, or is closed", async () => {
  const ending = answerWith([]);
  ending.answer.release();
  await Bun.sleep(1);
  expect([ending.line.isOver, ending.line.signal.aborted]).toEqual([true, false]);
  const more = answerWith(["more", "and more"]);
  more.answer.release();
  await Bun.sleep(1);
  expect([more.line.isOver, more.line.signal.aborted]).toEqual([true, true]);
});

test("an answer without a body has no bytes", async () => {
  const signal = new AbortController().signal;
  const line = new OpenLine({ url: "http://127.0.0.1:1", silenceMs: 60_000, signal }, undefined, () => {});
  const server = { isKnown: true, isAbrupt: false };
  const answer = new BackendAnswer(new Response(null, { status: 204 }), line, server, () => {});
  expect([answer.status, await answer.read(), await answer.text(10)]).toEqual([204, undefined, ""]);
  answer.release();
});

test("an unknown encoding is an error at once", () => {
  expect(() => answerWith(["x"], undefined, { "content-encoding": "odd" })).toThrow("is not supported");
});

test("what several answers receive in one turn of the event loop is read when it is over", async () => {
  const seen: string[] = [];
  const read = async (name: string) => {
    const { answer } = answerWith([name]);
    await answer.read();
    seen.push(name);
  };
  const both = Promise.all([read("a"), read("b")]);
  setImmediate(() => seen.push("others"));
  await both;
  expect(seen).toEqual(["others", "a", "b"]);
});
