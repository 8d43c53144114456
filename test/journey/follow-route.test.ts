import { afterEach, describe, expect, test } from "bun:test";
import { z } from "zod";
import {
  createGate,
  cut,
  type FakeReply,
  type Gate,
  hang,
  raw,
  type Script,
  status,
  text,
  upstreamKey,
} from "../support/fake-upstream.ts";
import { checkStream, foldMessage } from "../support/grammar.ts";
import { type RoutedProxy, startRouted } from "../support/routed-proxy.ts";

let proxy: RoutedProxy | undefined;
afterEach(() => proxy?.close());

const toml = `[routes]\nopus = ["first@a", "second@b"]\nhaiku = "first@a"\n`;

async function start(
  first: Script,
  second: Script = text("Second"),
  more: Omit<Parameters<typeof startRouted>[1], "toml"> & { toml?: string } = {},
): Promise<RoutedProxy> {
  proxy = await startRouted({ first, second }, { toml, ...more });
  return proxy;
}

/** An answer that begins when the gate opens. */
const heldBack = (gate: Gate, reply: FakeReply) => async () => {
  await gate.opened;
  return reply;
};

const fail = () => status(500);

const chats = ({ requests }: ReturnType<RoutedProxy["backend"]>) =>
  requests.filter(({ path }) => path.includes("/chat/")).length;

describe("another target answers", () => {
  const failures: [what: string, script: Script][] = [
    ["the backend breaks the connection", cut("before-headers")],
    ["it answers a 500", status(500)],
    ["it is overloaded", status(529, { error: { message: "Overloaded" } })],
    ["it limits requests", status(429, { error: { message: "Slow down" } }, { "retry-after": "60" })],
    ["its credit is used up", status(402, { error: { message: "Insufficient credits" } })],
    ["it refuses the key", status(401, { error: { message: "Invalid key" } })],
    [
      "it does not have the model",
      status(404, { error: { message: "The model a does not exist", code: "model_not_found" } }),
    ],
    ["the model is gone", status(410, { error: { message: "No longer available" } })],
    ["something else answers", status(404, "<h1>Not Found</h1>")],
    ["it breaks off before a word", raw('data: {"choices":[{"index":0,"delta":{"role":"assistant"}}]}\n\n')],
  ];
  test.each(failures)("if %s", async (_, script) => {
    const { say, log, backend } = await start(script);
    expect(await say()).toBe("Second");
    expect(backend("second").lastChat().body).toMatchObject({ model: "b" });
    const [step = ""] = log.filter((line) => line.includes("Trying the next target of the route"));
    expect(step).toContain("from=first@a to=second@b");
    expect(log.findLast((line) => line.includes("message answered"))).toContain("sent=b");
    expect(log.join("\n")).not.toContain(upstreamKey);
  });

  test("as a stream, with the pings of a stream that waits", async () => {
    const gate = createGate();
    const more = { pace: { headersAfter: 1, pingAfter: 1, deltaAfter: 60_000 } };
    const { post } = await start(heldBack(gate, status(500)), text("Second"), more);
    const response = await post({ stream: true });
    const reader = response.body?.getReader();
    let all = "";
    while (!all.includes("event: ping")) all += new TextDecoder().decode((await reader?.read())?.value);
    gate.open();
    for (let read = await reader?.read(); read?.value; read = await reader?.read())
      all += new TextDecoder().decode(read.value);
    expect(JSON.stringify(foldMessage(checkStream(all)))).toContain("Second");
  });

  test("if it gives no token in time, while it sends comments", async () => {
    const settings = { first: "first_token_timeout = 0.05" };
    const { say, log, backend } = await start(hang("after-headers"), text("Second"), { settings });
    expect(await say()).toBe("Second");
    expect(log.join("\n")).toContain("gave no token in 0.05 s");
    expect((await backend("first").lastChat().ended).kind).toBe("aborted");
  });
});

describe("no other target is asked", () => {
  test("for what the request itself did wrong", async () => {
    const { post, backend } = await start(status(400, { error: { message: "messages: bad role" } }));
    expect((await post()).status).toBe(400);
    expect(chats(backend("second"))).toBe(0);
  });

  test("once the client has seen a word", async () => {
    const word = 'data: {"choices":[{"index":0,"delta":{"content":"One"}}]}\n\n';
    const { post, backend } = await start(cut(word));
    const events = await (await post({ stream: true })).text();
    expect(events).toContain("event: error");
    expect(chats(backend("second"))).toBe(0);
  });

  test("and the last failure is the client's, if all fail", async () => {
    const { post } = await start(status(500), status(402, { error: { message: "No credits left" } }));
    const response = await post();
    expect([response.status, await response.text()]).toEqual([
      402,
      expect.stringContaining("No credits left"),
    ]);
  });
});

test("a backend that has failed is left alone, and a target of its own is asked all the same", async () => {
  const { say, backend } = await start(status(500));
  await say();
  const asked = chats(backend("first"));
  expect(asked).toBeGreaterThan(0);
  for (const _ of [1, 2, 3]) expect(await say()).toBe("Second");
  expect(chats(backend("first"))).toBe(asked);
  backend("first").follow(text("First"));
  expect(await say({ model: "claude-haiku-5" })).toBe("First");
});

describe("keys", () => {
  const keysOf = (used: RoutedProxy) =>
    used
      .backend("first")
      .requests.filter(({ path }) => path.includes("/chat/"))
      .map(({ headers }) => headers.get("authorization"));

  test("a refused key makes room for the next one, and rests", async () => {
    const settings = { first: `keys = ["wrong-1", "${upstreamKey}", "wrong-2"]` };
    const used = await start(text("First"), text("Second"), { settings });
    const headers = { "x-claude-code-session-id": "11111111-1111-4111-8111-111111111111" };
    for (const _ of [1, 2, 3]) expect(await used.say({}, headers)).toBe("First");
    const last = keysOf(used).slice(-2);
    expect(last).toEqual([`Bearer ${upstreamKey}`, `Bearer ${upstreamKey}`]);
    expect(chats(used.backend("second"))).toBe(0);
  });
});

test("a backend with one slot answers one request after another", async () => {
  const gate = createGate();
  const answers = [heldBack(gate, text("One")), () => text("Two")];
  const settings = { first: "max_concurrent = 1" };
  const { say, backend } = await start(() => (answers.shift() ?? fail)(), text("Second"), { settings });
  const one = say({ model: "claude-haiku-5" });
  while (chats(backend("first")) < 1) await Bun.sleep(1);
  const two = say({ model: "claude-haiku-5" });
  await Bun.sleep(5);
  expect(chats(backend("first"))).toBe(1);
  gate.open();
  expect([await one, await two]).toEqual(["One", "Two"]);
});

test("clients that leave give their slots back", async () => {
  const settings = { first: "max_concurrent = 1" };
  const { post, say, url, backend } = await start(hang("after-headers"), text("Second"), { settings });
  const leave = new AbortController();
  const asked = [1, 2, 3].map(() =>
    post({ model: "claude-haiku-5", stream: true }, {}, leave.signal).catch(() => {}),
  );
  while (chats(backend("first")) < 1) await Bun.sleep(1);
  leave.abort();
  await Promise.all(asked);
  backend("first").follow(text("First"));
  expect(await say({ model: "claude-haiku-5" })).toBe("First");
  const seen = z.object({ backends: z.array(z.object({ running: z.number(), waiting: z.number() })) });
  const state = async () => seen.parse(await (await fetch(url)).json()).backends[0];
  while ((await state())?.running !== 0) await Bun.sleep(1);
  expect(await state()).toEqual({ running: 0, waiting: 0 });
});
