import { heapStats } from "bun:jsc";
import { expect, test } from "bun:test";
import { openaiChat } from "../../src/upstream/openai-chat/protocol.ts";
import { openaiResponses } from "../../src/upstream/openai-responses/protocol.ts";
import { planFor } from "../support/plans.ts";
import { ask } from "../support/proxy.ts";

const bodyBytes = 4_000_000;

/** Bytes of strings and buffers that something still refers to. */
function measure(): number {
  Bun.gc(true);
  return heapStats().extraMemorySize;
}

test.each([openaiChat, openaiResponses])("a reader does not keep the body of its request", (protocol) => {
  const plan = planFor(ask());
  const open = (mark: number) => {
    const body = Buffer.alloc(bodyBytes, `${mark}`).toString("latin1");
    return protocol.createReader(plan, {
      body,
      clientToolName: (name) => ({ name }),
      prefill: "",
      notes: [],
    });
  };
  open(0);
  const before = measure();
  const readers = Array.from({ length: 6 }, (_, mark) => open(mark));
  expect(measure() - before).toBeLessThan(2 * bodyBytes);
  expect(readers.map(({ state }) => state)).toHaveLength(6);
});
