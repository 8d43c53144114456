import { heapStats } from "bun:jsc";
import { expect, test } from "bun:test";
import type { Answer } from "../../../src/upstream/transport/read-answer.ts";
import { createSender } from "../../../src/upstream/transport/send.ts";

const bodyBytes = 4_000_000;

/** Bytes of strings and buffers that something still refers to. */
function measure(): number {
  Bun.gc(true);
  return heapStats().extraMemorySize;
}

test("an answer that is waited for does not keep the body of its request", async () => {
  const leave = new AbortController();
  using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      await request.bytes();
      const begin = (controller: ReadableStreamDefaultController) => controller.enqueue("data: 1\n\n");
      return new Response(new ReadableStream({ start: begin }));
    },
  });
  const sender = createSender(8);
  const open = async (mark: number): Promise<Answer> => {
    const body = JSON.stringify({ content: `${mark}`.repeat(bodyBytes) });
    const headers = { "content-type": "application/json" };
    const { href: url } = server.url;
    const answer = await sender.send({
      method: "POST",
      url,
      headers,
      body,
      silenceMs: 9000,
      signal: leave.signal,
    });
    await answer.read();
    return answer;
  };
  await open(0);
  const before = measure();
  const answers: Answer[] = [];
  for (let mark = 1; mark <= 6; mark += 1) answers.push(await open(mark));
  expect(measure() - before).toBeLessThan(bodyBytes);
  leave.abort();
});
