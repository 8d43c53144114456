/** A child process with all that it starts, ended together by the id of the process group that the child leads. */

export type Group = {
  /** The exit code, or undefined if it is still running after `ms`. */
  endsWithin(ms: number): Promise<number | undefined>;
  hasEnded(): boolean;
  /** Everything printed so far. */
  output(): string;
  errors(): string;
  /** Asks the group to end, and kills it after a moment. */
  stop(): Promise<void>;
};

/** How long a group may take to end when asked to, ms. */
const graceMs = 2000;

const running = new Set<number>();

/** Kills everything that was started here; for the runner's own end. */
export function killAll(): void {
  for (const id of running) signalGroup(id, "SIGKILL");
}

export function startGroup(
  command: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Group {
  const child = Bun.spawn([...command], {
    cwd: options.cwd,
    env: { ...options.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    // A session of its own makes the child's id the group's.
    detached: true,
  });
  running.add(child.pid);
  const output = collect(child.stdout);
  const errors = collect(child.stderr);
  const ended = Promise.all([child.exited, output.whole, errors.whole]).then(([code]) => code);
  async function endsWithin(ms: number): Promise<number | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, ms, undefined);
    });
    return await Promise.race([ended, late]).finally(() => clearTimeout(timer));
  }
  return {
    endsWithin,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    output: output.text,
    errors: errors.text,
    async stop() {
      signalGroup(child.pid, "SIGTERM");
      await endsWithin(graceMs);
      signalGroup(child.pid, "SIGKILL");
      running.delete(child.pid);
      await child.exited;
    },
  };
}

function signalGroup(id: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-id, signal);
  } catch {
    // The group is already gone.
  }
}

function collect(stream: ReadableStream<Uint8Array>): { text(): string; whole: Promise<void> } {
  const utf8 = new TextDecoder();
  let text = "";
  async function readAll(): Promise<void> {
    for await (const bytes of stream) text += utf8.decode(bytes, { stream: true });
  }
  return { text: () => text, whole: readAll() };
}
