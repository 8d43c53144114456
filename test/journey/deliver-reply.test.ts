import { describe, expect, test } from "bun:test";
import { getEventListeners } from "node:events";
import { deliverReply } from "../../src/journey/deliver-reply.ts";
import { planItinerary } from "../../src/journey/plan-itinerary.ts";
import { noHints } from "../../src/plan/route-table.ts";
import { contentChunk, encodeChunk, finishChunk, usageChunk } from "../support/fake-replies.ts";
import { type FakeAnswer, silence } from "../support/fake-sender.ts";
import { planFor } from "../support/plans.ts";
import { ask } from "../support/proxy.ts";
import { contextFor, servicesFor } from "../support/services.ts";

const hello: FakeAnswer = {
  pieces: [encodeChunk(contentChunk("Hello")), encodeChunk(finishChunk("stop")), encodeChunk(usageChunk(3))],
};

function deliver(body: Record<string, unknown>, answer: FakeAnswer, signal = new AbortController().signal) {
  const services = servicesFor([answer]);
  let over = 0;
  let waiting = 0;
  const context = {
    ...contextFor("/v1/messages", { signal }),
    keepOpen: () => {
      waiting += 1;
      return () => {
        waiting -= 1;
      };
    },
  };
  const plan = planFor(ask(body));
  const route = services.routes.choose(plan.request.model, noHints);
  const itinerary = planItinerary(route, undefined, services.health);
  const response = deliverReply(
    plan,
    context,
    { ...services, given: plan.request, itinerary, sessionId: undefined, note: () => {} },
    () => {
      over += 1;
    },
  );
  const lines = () => services.lines.filter((line) => line.includes("message "));
  return { response, services, state: () => ({ over, waiting }), lines };
}

describe.each([true, false])("with stream %p", (stream) => {
  test("an answer ends once, and its connection may idle again", async () => {
    const { response, state, lines } = deliver({ stream }, hello);
    expect(await (await response).text()).toContain("Hello");
    expect(lines()).toEqual([expect.stringContaining("message answered")]);
    // What the answer teaches is learned first.
    while (state().waiting > 0) await Bun.sleep(1);
    expect(state()).toEqual({ over: 1, waiting: 0 });
  });

  test("an answer leaves no listener on the connection, which would hold all of the request", async () => {
    const { signal } = new AbortController();
    const { response, state } = deliver({ stream }, hello, signal);
    await (await response).text();
    while (state().waiting > 0) await Bun.sleep(1);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("a failure is thrown, and ends once", async () => {
    const { response, state, lines } = deliver({ stream }, { status: 401, pieces: [] });
    await expect(response).rejects.toMatchObject({ kind: "authentication" });
    expect(state()).toEqual({ over: 1, waiting: 0 });
    expect(lines()).toEqual([expect.stringContaining("message failed")]);
  });

  test("a client that leaves ends the request to the backend", async () => {
    const leave = new AbortController();
    const { response, services, state, lines } = deliver({ stream }, { pieces: [silence] }, leave.signal);
    while (services.sender.requests.length === 0) await Bun.sleep(0);
    leave.abort();
    await response.catch(() => {});
    expect(services.sender.requests[0]?.signal.aborted).toBe(true);
    expect(state()).toEqual({ over: 1, waiting: 0 });
    expect(lines()).toEqual([expect.stringContaining("message client left")]);
  });
});
