/** A built program instead of the server in this process, for `./scripts/smoke`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../src/config/read-config.ts";
import type { RunningServer } from "../../src/server.ts";
import type { Cassette } from "../../src/upstream/transport/cassette/tape.ts";
import { stopping } from "./program.ts";
import { writeVariables } from "./write-variables.ts";

export type SpawnOptions = {
  readonly config: Config;
  readonly cassette: Cassette | undefined;
  /** Called with each line of its log. */
  readonly hear: (line: string) => void;
};

/**
 * Starts the program in an empty directory, with nothing in its environment but the config.
 * @throws Error when it does not come up
 */
export async function spawnProxy(
  command: readonly string[],
  { config, cassette, hear }: SpawnOptions,
): Promise<Pick<RunningServer, "url" | "stop" | "cut">> {
  const home = mkdtempSync(join(tmpdir(), "smoke-"));
  const child = Bun.spawn([...command, "serve", ...writeFlags(cassette)], {
    cwd: home,
    env: { HOME: home, ...writeVariables(config) },
    stdout: "pipe",
    stderr: "pipe",
  });
  const logged = (async () => {
    for await (const line of linesOf(child.stderr)) hear(line);
  })();
  const stop = async () => {
    child.kill(stopping.signal);
    await Promise.all([child.exited, logged]);
    rmSync(home, { recursive: true, force: true });
  };
  for await (const line of linesOf(child.stdout)) {
    const url = /listens on (\S+)$/.exec(line)?.[1];
    // The second signal, after the one that stops it.
    if (url) return { url, stop, cut: () => child.kill(stopping.signal) };
  }
  await stop();
  throw new Error(`Start ${command.join(" ")}: it ended with ${child.exitCode}`);
}

function writeFlags(cassette: Cassette | undefined): readonly string[] {
  if (!cassette) return [];
  const { mode, directory } = cassette;
  return [`--${mode}`, directory, ...(mode === "replay" && cassette.timed ? ["--timed"] : [])];
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
