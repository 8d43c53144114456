/** A configuration that changes while the program runs. */
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { startFakeUpstream, text, upstreamKey } from "./support/fake-upstream.ts";
import { platform, startProgram } from "./support/program.ts";
import { ask } from "./support/proxy.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const answer = z.object({ content: z.array(z.object({ text: z.string() })) });

/** The program with a `config.toml`, before two backends that say their names. */
async function start() {
  const directory = mkdtempSync(join(tmpdir(), "reload-"));
  const path = join(directory, "config.toml");
  const backends = { one: await startFakeUpstream(text("One")), two: await startFakeUpstream(text("Two")) };
  const write = (route: string) => {
    const sections = Object.entries(backends).map(
      ([name, { url }]) => `[backends.${name}]\nurl = "${url}"\nkeys = "${upstreamKey}"\n`,
    );
    writeFileSync(`${path}.new`, `${sections.join("")}[routes]\nopus = "${route}"\n`);
    renameSync(`${path}.new`, path);
  };
  write("one@m");
  const words = ["serve", "--port", "0", "--config", path, "--log-format", "json"];
  const child = startProgram(words, { cwd: directory });
  ends.push(
    () => rmSync(directory, { recursive: true, force: true }),
    () => backends.one.close(),
    () => backends.two.close(),
    () => child.kill("SIGKILL"),
  );
  let log = "";
  void (async () => {
    for await (const bytes of child.stderr) log += new TextDecoder().decode(bytes);
  })();
  const [line] = await Array.fromAsync(takeOne(child.stdout));
  const url = String(JSON.parse(line ?? "").url);
  const say = async () => {
    const body = JSON.stringify(ask());
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}/v1/messages`, { method: "POST", headers, body });
    return answer.parse(await response.json()).content[0]?.text;
  };
  const heard = async (words: string, times = 1) => {
    while (log.split(words).length <= times) await Bun.sleep(5);
    return log;
  };
  return { write, say, heard, child };
}

async function* takeOne(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  for await (const bytes of stream) {
    yield new TextDecoder().decode(bytes);
    return;
  }
}

test("a changed file sends requests elsewhere, and one with mistakes changes nothing", async () => {
  const { write, say, heard, child } = await start();
  expect(await say()).toBe("One");
  write("two@m");
  await heard("Read the configuration again");
  expect(await say()).toBe("Two");
  write("three@m");
  expect(await heard("Cannot use the changed configuration")).toContain("there is no backend three");
  expect(await say()).toBe("Two");
  if (platform === "win32") return;
  write("one@m");
  child.kill("SIGHUP");
  await heard("Read the configuration again", 2);
  expect(await say()).toBe("One");
});
