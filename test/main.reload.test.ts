/** A configuration that changes while the program runs. */
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { digestKey } from "../src/config/client-keys.ts";
import { startFakeUpstream, text, upstreamKey } from "./support/fake-upstream.ts";
import { platform, startProgram } from "./support/program.ts";
import { ask } from "./support/proxy.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const answer = z.object({ content: z.array(z.object({ text: z.string() })) });

/** The program with a `config.toml`, before two backends that say their names. @param keys a file of clients' keys */
async function start(keys?: string) {
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
  const keyFile = join(directory, "clients.keys");
  if (keys !== undefined) writeFileSync(keyFile, keys);
  const envFile = join(directory, ".env");
  writeFileSync(envFile, keys === undefined ? "" : `CLIENT_KEYS=${keyFile}`);
  const words = ["--port", "0", "--config", path, "--env-file", envFile, "--log-format", "json"];
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
  const send = (key = "any") => {
    const body = JSON.stringify(ask());
    const headers = { "content-type": "application/json", "x-api-key": key };
    return fetch(`${url}/v1/messages`, { method: "POST", headers, body });
  };
  const say = async () => answer.parse(await (await send()).json()).content[0]?.text;
  const heard = async (words: string, times = 1) => {
    while (log.split(words).length <= times) await Bun.sleep(5);
    return log;
  };
  return { envFile, write, keyFile, send, say, heard, child };
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

test.skipIf(platform === "win32")(
  "SIGHUP reads the clients' keys again, and those in plain text are hashed",
  async () => {
    const { keyFile, send, heard, child } = await start("ann:key-of-ann");
    const statusFor = async (key: string) => (await send(key)).status;
    expect([await statusFor("key-of-ann"), await statusFor("key-of-bob")]).toEqual([200, 401]);
    writeFileSync(keyFile, "bob:key-of-bob");
    child.kill("SIGHUP");
    await heard("Read the configuration again");
    expect([await statusFor("key-of-ann"), await statusFor("key-of-bob")]).toEqual([401, 200]);
    expect(readFileSync(keyFile, "utf8")).toBe(`bob:sha256:${digestKey("key-of-bob")}`);

    const mistakes = ["bob", "", "# nobody"];
    for (const [index, content] of mistakes.entries()) {
      writeFileSync(keyFile, content);
      child.kill("SIGHUP");
      await heard("Cannot use the changed configuration", index + 1);
      expect([await statusFor("key-of-ann"), await statusFor("key-of-bob")]).toEqual([401, 200]);
    }
    expect(await heard("CLIENT_KEYS")).toContain(`${keyFile} has no keys`);
  },
);

test.skipIf(platform === "win32")("SIGHUP reads the .env file again", async () => {
  const { envFile, send, heard, child } = await start();
  const statusFor = async (key: string) => (await send(key)).status;
  expect(await statusFor("any")).toBe(200);
  writeFileSync(envFile, "LOG_LEVEL=WARNING\nANTHROPIC_API_KEY=key-of-all\nPORT=9\nSHUTDOWN_GRACE=9");
  child.kill("SIGHUP");
  const before = await heard('A restart is needed for the change of SHUTDOWN_GRACE"');
  expect([await statusFor("any"), await statusFor("key-of-all")]).toEqual([401, 200]);
  writeFileSync(envFile, "LOG_LEVEL=WARNING\nANTHROPIC_API_KEY=key-of-all\nBIG_MODLE=m");
  child.kill("SIGHUP");
  await heard("BIG_MODLE is not a variable of this proxy; did you mean BIG_MODEL?");
  writeFileSync(envFile, "LOG_LEVEL=OFF");
  child.kill("SIGHUP");
  expect(await heard("Cannot use the changed configuration")).toContain("must be one of DEBUG");
  writeFileSync(envFile, "");
  child.kill("SIGHUP");
  const after = await heard("cannot be taken away");
  expect(after.slice(before.length)).not.toContain('"level":"INFO"');
  expect(await statusFor("any")).toBe(401);
});

test.skipIf(platform === "win32")(
  "a reload lets nobody in without a key where clients had keys",
  async () => {
    const { envFile, send, heard, child } = await start("ann:key-of-ann");
    writeFileSync(envFile, "");
    child.kill("SIGHUP");
    expect(await heard("Cannot use the changed configuration")).toContain("cannot be taken away");
    expect((await send("any")).status).toBe(401);
  },
);
