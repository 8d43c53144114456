import { describe, expect, test } from "bun:test";
import { createCatalog } from "../../../src/catalog/models.ts";
import { commonQuirks } from "../../../src/catalog/quirks.ts";
import { ProxyError } from "../../../src/errors.ts";
import type { Backend } from "../../../src/plan/create-backend.ts";
import { createLog } from "../../../src/telemetry/log.ts";
import { createModelRefresh } from "../../../src/upstream/transport/fetch-models.ts";
import type { Answer } from "../../../src/upstream/transport/read-answer.ts";
import type { SendRequest } from "../../../src/upstream/transport/send.ts";

const backend: Backend = {
  id: "default",
  name: "models.example",
  settings: { address: "OPENAI_BASE_URL", key: "OPENAI_API_KEY" },
  urls: { chat: "https://models.example/v1/chat/completions", responses: "" },
  protocol: undefined,
  modelsUrl: "https://models.example/v1/models",
  address: { baseUrl: "https://models.example/v1", hasApiVersion: false, name: undefined },
  quirks: commonQuirks,
  headers: { authorization: "Bearer secret-key" },
  keyHeaders: [],
  nativeQuirks: commonQuirks,
  takesCallersKey: false,
  maxConcurrent: undefined,
  firstTokenMs: undefined,
  silenceMs: 90_000,
  firstSilenceMs: 90_000,
};

const minute = 60_000;

/** A refresh whose backend answers when the test says so. */
function setUp(modelsUrl = backend.modelsUrl) {
  const requests: SendRequest[] = [];
  const lines: string[] = [];
  const catalog = createCatalog();
  let now = 1_000_000;
  let settle: { resolve(answer: Answer): void; reject(thrown: unknown): void } | undefined;
  const refresh = createModelRefresh({
    backend: { ...backend, modelsUrl },
    catalog,
    sender: {
      send(request) {
        requests.push(request);
        const { promise, resolve, reject } = Promise.withResolvers<Answer>();
        settle = { resolve, reject };
        return promise;
      },
    },
    log: createLog("DEBUG", (line) => lines.push(line)),
    now: () => now,
  });
  return {
    refresh,
    requests,
    lines,
    ids: () => catalog.all().map((facts) => facts.id),
    pass: (ms: number) => {
      now += ms;
    },
    async answer(status: number, text: string) {
      settle?.resolve(answerOf(status, text));
      await Bun.sleep(0);
    },
    async fail(thrown: unknown) {
      settle?.reject(thrown);
      await Bun.sleep(0);
    },
  };
}

function answerOf(status: number, text: string): Answer {
  return {
    status,
    headers: new Headers(),
    read: async () => undefined,
    text: async () => text,
    begin() {},
    endAfterSilence() {},
    release() {},
  };
}

const list = (...ids: string[]) => JSON.stringify({ data: ids.map((id) => ({ id })) });

describe("the model refresh", () => {
  test("reads the list once, however often it is called meanwhile", async () => {
    const it = setUp();
    for (let call = 0; call < 3; call += 1) it.refresh();
    expect(it.requests).toHaveLength(1);
    expect(it.requests[0]).toMatchObject({ method: "GET", url: backend.modelsUrl, headers: backend.headers });
    expect(it.ids()).toEqual([]);
    await it.answer(200, list("a", "b"));
    expect(it.ids()).toEqual(["a", "b"]);
    expect(it.lines).toHaveLength(1);
  });

  test("reads again after five minutes, and keeps the old list until then and while it reads", async () => {
    const it = setUp();
    it.refresh();
    await it.answer(200, list("a"));
    it.pass(5 * minute - 1);
    it.refresh();
    expect(it.requests).toHaveLength(1);
    it.pass(1);
    it.refresh();
    expect(it.requests).toHaveLength(2);
    expect(it.ids()).toEqual(["a"]);
    await it.answer(200, list("b"));
    expect(it.ids()).toEqual(["b"]);
  });

  const failures: readonly [string, number, string][] = [
    ["a backend without a list", 404, "not found"],
    ["a web page", 200, "<html></html>"],
    ["an empty list", 200, '{"data":[]}'],
    ["a wrong key", 401, '{"error":{"message":"no"}}'],
  ];
  for (const [name, status, text] of failures) {
    test(`${name} costs one debug line, and the old list stays`, async () => {
      const it = setUp();
      it.refresh();
      await it.answer(200, list("a"));
      it.pass(6 * minute);
      it.lines.length = 0;
      it.refresh();
      await it.answer(status, text);
      expect(it.ids()).toEqual(["a"]);
      expect(it.lines).toHaveLength(1);
      expect(it.lines[0]).toContain("DEBUG");
    });
  }

  test("a web page is told apart from a list, with what to do", async () => {
    const { refresh, answer, lines } = setUp();
    refresh();
    await answer(200, "\n<!doctype html><title>Welcome</title>");
    expect(lines.join()).toContain("a web page answered; set OPENAI_BASE_URL to the address of the API");
  });

  test.each([
    ["/v1/models", 401, "the backend refuses the key (401); check OPENAI_API_KEY"],
    ["/models", 404, "the backend answered 404; set OPENAI_BASE_URL to https://models.example/v1"],
    ["/v1/v1/models", 404, "the backend answered 404; set OPENAI_BASE_URL to https://models.example/v1"],
    ["/v1/models", 404, 'the backend answered 404"'],
  ])("no list at %s, but a %d, says what to check", async (path, status, words) => {
    const { refresh, answer, lines } = setUp(`https://models.example${path}`);
    refresh();
    await answer(status, "no");
    expect(lines.join()).toContain(words);
  });

  test("an unreachable backend is not asked again for a minute", async () => {
    const it = setUp();
    it.refresh();
    await it.fail(
      new ProxyError("unreachable", "Cannot reach the backend at models.example: the connection was refused"),
    );
    expect(it.lines).toHaveLength(1);
    expect(it.lines[0]).toContain("the connection was refused");
    it.pass(minute - 1);
    it.refresh();
    expect(it.requests).toHaveLength(1);
    it.pass(1);
    it.refresh();
    expect(it.requests).toHaveLength(2);
    await it.answer(200, list("a"));
    expect(it.ids()).toEqual(["a"]);
  });

  test("no key reaches the log, whatever is thrown", async () => {
    const it = setUp();
    it.refresh();
    await it.fail(new TypeError("bad header: Bearer secret-key"));
    expect(it.lines.join()).not.toContain("secret-key");
  });
});
