import { expect, test } from "bun:test";
import { announce, describeServing } from "../../src/commands/announce.ts";
import { readConfig } from "../../src/config/read-config.ts";
import type { Cassette } from "../../src/upstream/transport/cassette/tape.ts";

const url = "http://127.0.0.1:8082";

function banner(env: Record<string, string>, demo = false, cassette?: Cassette): string {
  const config = readConfig({ flags: {}, env: { OPENAI_API_KEY: "geheim", ...env }, file: undefined, demo });
  return describeServing({ config, demo, cassette, title: "proxy 1.2.3", url }).join("\n");
}

test("shows version, address, backend, models and the line to copy", () => {
  const text = banner({});
  for (const part of ["proxy 1.2.3", url, "openrouter.ai", "opus → openai/gpt-5.4,"])
    expect(text).toContain(part);
  expect(text).toEndWith(`ANTHROPIC_BASE_URL=${url} ANTHROPIC_AUTH_TOKEN=anything claude`);
  expect(text).not.toContain("geheim");
});

test("warns of an open port on the network, but not of a protected one or of loopback", () => {
  expect(banner({ HOST: "0.0.0.0" })).toContain("  WARNING  0.0.0.0 can be reached from other machines");
  for (const env of [
    {},
    { HOST: "::1" },
    { HOST: "localhost" },
    { HOST: "127.0.0.2" },
    { ANTHROPIC_API_KEY: "c", HOST: "0.0.0.0" },
  ])
    expect(banner(env)).not.toContain("WARNING");
});

test("names the address it is bound to, and who it is for", () => {
  const cases: [Record<string, string>, string][] = [
    [{}, "127.0.0.1:8082, for this machine only"],
    [{ ANTHROPIC_API_KEY: "c" }, "127.0.0.1:8082, for this machine only"],
    [{ HOST: "::1" }, "[::1]:8082, for this machine only"],
    [{ HOST: "0.0.0.0" }, "0.0.0.0:8082, every network interface"],
    [{ HOST: "::" }, "[::]:8082, every network interface"],
    [{ HOST: "10.0.0.5" }, "10.0.0.5:8082, also for other machines"],
  ];
  for (const [env, expected] of cases) expect(banner(env)).toContain(`  address  ${expected}\n`);
  expect(banner({})).toContain("  clients  need no key\n");
  expect(banner({ ANTHROPIC_API_KEY: "c" })).toContain("  clients  must send the key in ANTHROPIC_API_KEY\n");
});

test("mentions a client key and never shows it", () => {
  const text = banner({ ANTHROPIC_API_KEY: "geheim2" });
  expect(text).toContain("ANTHROPIC_AUTH_TOKEN=YOUR_ANTHROPIC_API_KEY");
  expect(text).not.toContain("geheim");
});

test("mentions a cassette", () => {
  expect(banner({}, true, { mode: "record", directory: "tapes" })).toContain("model, recorded in tapes\n");
  const replayed = banner({}, false, { mode: "replay", directory: "tapes", timed: false });
  expect(replayed).toContain("backend  recorded in tapes\n");
});

test("the demo says that it is one, and prints a curl line", () => {
  const text = banner({}, true);
  expect(text).toContain("built-in demo");
  expect(text).toContain(`curl ${url}/v1/messages`);
});

test("the port is named even if the URL, as that of every port 80, does not show it", async () => {
  const printed: string[] = [];
  for (const LOG_FORMAT of ["text", "json"])
    await announce(
      {
        ...{
          name: "proxy",
          version: "1.2.3",
          pid: 7,
          readyFile: undefined,
          demo: false,
          cassette: undefined,
        },
        print: (line) => printed.push(line),
      },
      {
        config: readConfig({ flags: {}, env: { OPENAI_API_KEY: "k", LOG_FORMAT }, file: undefined }),
        url: "http://127.0.0.1:80",
      },
    );
  expect(printed).toContain("  address  127.0.0.1:80, for this machine only");
  expect(JSON.parse(printed.at(-1) ?? "")).toMatchObject({ event: "listening", port: 80 });
});
