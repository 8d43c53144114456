import { afterEach, describe, expect, test } from "bun:test";
import { showTop, type TopTerminal } from "../../../src/commands/top/show-top.ts";
import { createSender } from "../../../src/upstream/transport/send.ts";
import { text } from "../../support/fake-upstream.ts";
import { ask, startProxy } from "../../support/proxy.ts";

const key = "client-key-0123";
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function start() {
  const proxy = await startProxy(text("Hello"), { config: { server: { clientKey: key } } });
  ends.push(proxy.close);
  await (await proxy.post(ask(), { "x-api-key": key })).text();
  return proxy;
}

function createTerminal() {
  let written = "";
  let press = (_: string): void => {};
  let resize = (): void => {};
  const size = { columns: 120, rows: 30 };
  const terminal: TopTerminal = {
    size: () => size,
    write(more) {
      written += more;
    },
    onKey(listener) {
      press = listener;
    },
    onResize(listener) {
      resize = listener;
    },
  };
  return {
    terminal,
    size,
    written: () => written,
    press: (pressed: string) => press(pressed),
    resize: () => resize(),
    async heard(words: string): Promise<void> {
      while (!written.includes(words)) await Bun.sleep(1);
    },
  };
}

function show(
  url: string,
  terminal: TopTerminal | undefined,
  lines: string[] = [],
  sent: string | undefined = key,
  abort = new AbortController(),
) {
  ends.push(async () => abort.abort());
  return showTop({
    url,
    key: sent,
    sender: createSender(8),
    signal: abort.signal,
    terminal,
    isColored: false,
    print: (line) => void lines.push(line),
    retryMs: 1,
  });
}

describe("top", () => {
  test("without a terminal is plain lines, once", async () => {
    const { url } = await start();
    const lines: string[] = [];
    await show(url, undefined, lines);
    expect(lines.join("\n")).toContain("today 1 request, 0 failed");
    expect(lines.join("\n")).not.toContain("\x1b");
  });

  test("in a terminal follows the proxy and the size, and ends with q", async () => {
    const proxy = await start();
    const screen = createTerminal();
    const shown = show(proxy.url, screen.terminal);
    await screen.heard("today 1 request,");
    await (await proxy.post(ask(), { "x-api-key": key })).text();
    await screen.heard("today 2 requests");
    screen.size.columns = 20;
    const before = screen.written().length;
    screen.resize();
    for (const line of screen.written().slice(before).split("\r\n"))
      expect(Bun.stringWidth(line)).toBeLessThanOrEqual(20);
    screen.press("x");
    screen.press("q");
    await shown;
    expect(screen.written()).toStartWith("\x1b[?1049h");
    expect(screen.written()).toEndWith("\x1b[?25h\x1b[?1049l");
  });

  test("tries again while the proxy is gone", async () => {
    const proxy = await start();
    const screen = createTerminal();
    const shown = show(proxy.url, screen.terminal);
    await screen.heard("today 1 request,");
    await proxy.stop();
    await screen.heard("does not answer; trying again");
    screen.press("\u0003");
    await shown;
  });

  test("ends without a word if it is stopped before the proxy has answered", async () => {
    const asked = Promise.withResolvers<void>();
    using silent = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { data: () => asked.resolve() },
    });
    const abort = new AbortController();
    const shown = show(`http://127.0.0.1:${silent.port}`, undefined, [], key, abort);
    await asked.promise;
    abort.abort();
    await shown;
  });

  test("says what is wrong if it cannot begin", async () => {
    const { url } = await start();
    await expect(show(url, undefined, [], "wrong")).rejects.toThrow(
      "it requires a key; set ANTHROPIC_API_KEY",
    );
    await expect(show(`${url}/elsewhere`, undefined)).rejects.toThrow("is not this proxy");
    await expect(show("http://127.0.0.1:9", undefined)).rejects.toThrow();
  });
});
