/** A server under attack: a process of its own, whose memory and patience are watched. */

export type Target = {
  readonly url: string;
  /** Resident memory now, MiB. */
  memory(): Promise<number>;
  stop(): Promise<void>;
};

/**
 * Starts a program that prints its address on 127.0.0.1.
 * @throws Error if it ends before that
 */
export async function startTarget(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Target> {
  const child = Bun.spawn([process.execPath, "--no-env-file", ...args], {
    stdout: "pipe",
    stderr: "ignore",
    env: { PATH: process.env.PATH ?? "", ...env },
  });
  const decoder = new TextDecoder();
  let said = "";
  for await (const bytes of child.stdout) {
    said += decoder.decode(bytes, { stream: true });
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
    if (url === undefined) continue;
    return {
      url,
      async memory() {
        const { stdout } = Bun.spawnSync(["ps", "-o", "rss=", "-p", String(child.pid)]);
        return Number(stdout.toString()) / 1024;
      },
      async stop() {
        child.kill("SIGKILL");
        await child.exited;
      },
    };
  }
  throw new Error(`Cannot start ${args.join(" ")}: it ended without printing its address`);
}

export type Watched = {
  /** How much the resident memory grew at most, MiB. */
  readonly growth: number;
  /** The longest that a request for `/health` waited, ms. */
  readonly wait: number;
};

/** Asks the target for its health, again and again, while something is done to it. */
export async function watch(target: Target, attack: () => Promise<unknown>): Promise<Watched> {
  await health(target);
  const before = await target.memory();
  let [growth, wait] = [0, 0];
  let isOver = false;
  const look = async () => {
    growth = Math.max(growth, (await target.memory()) - before);
    const asked = performance.now();
    await health(target);
    wait = Math.max(wait, performance.now() - asked);
  };
  const watching = (async () => {
    while (!isOver) {
      await look();
      await Bun.sleep(20);
    }
    await look();
  })();
  try {
    await attack();
  } finally {
    isOver = true;
  }
  await watching;
  return { growth, wait };
}

async function health({ url }: Target): Promise<void> {
  await (await fetch(`${url}/health`, { headers: { connection: "close" } })).text();
}
