/** `top`: shows a running proxy until it is told to stop; once, as plain lines, if the output is not a terminal. */
import type { PageState } from "../../page/page-state.ts";
import { drawScreen, type Screen } from "./draw-screen.ts";
import { type Watch, watchProxy } from "./watch-proxy.ts";

export type TopTerminal = {
  size(): Pick<Screen, "columns" | "rows">;
  write(text: string): void;
  /** Called when the size changes, and when a key is pressed. */
  onResize(redraw: () => void): void;
  onKey(press: (key: string) => void): void;
};

type TopOptions = Watch & {
  /** Undefined if the output is not a terminal. */
  readonly terminal: TopTerminal | undefined;
  readonly isColored: boolean;
  readonly print: (line: string) => void;
  /** How long to wait before a proxy that is gone is tried again, ms. */
  readonly retryMs?: number;
};

const enter = "\x1b[?1049h\x1b[?25l";
const leave = "\x1b[?25h\x1b[?1049l";

/**
 * Resolves when q is pressed, or the signal ends it.
 * @throws Error, worded for the user, if the proxy cannot be watched
 */
export async function showTop(options: TopOptions): Promise<void> {
  const { url, terminal, print } = options;
  const states = watchProxy(options);
  const first = await states.next();
  if (options.signal.aborted) return;
  if (first.done) throw new Error(`Cannot watch ${url}: the proxy is stopping; start it again`);
  if (!terminal) {
    const screen = { columns: Number.POSITIVE_INFINITY, rows: undefined, isColored: false };
    for (const line of drawScreen(first.value, url, screen)) print(line);
    await states.return(undefined);
    return;
  }
  await showLive(first.value, states, { ...options, terminal });
}

async function showLive(
  first: PageState,
  states: AsyncGenerator<PageState>,
  { terminal, isColored, retryMs = 2000, ...options }: TopOptions & { readonly terminal: TopTerminal },
): Promise<void> {
  let state = first;
  let about = options.url;
  const draw = (): void => {
    const size = terminal.size();
    const lines = drawScreen(state, about, { ...size, isColored });
    // From the upper left; what was longer before is erased.
    terminal.write(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join("\r\n")}\x1b[J`);
  };
  const quit = Promise.withResolvers<void>();
  options.signal.addEventListener("abort", () => quit.resolve(), { once: true });
  terminal.onResize(draw);
  terminal.onKey((key) => {
    if (key === "q" || key === "Q" || key === "\u0003") quit.resolve();
  });
  let isOver = false;
  const follow = async (source: AsyncGenerator<PageState>): Promise<void> => {
    for await (const fresh of source) {
      if (isOver) return;
      state = fresh;
      about = options.url;
      draw();
    }
  };
  const watch = async (): Promise<void> => {
    for (let source = states; !isOver; source = watchProxy(options)) {
      await follow(source).catch(() => {});
      if (isOver) return;
      about = `${options.url} does not answer; trying again`;
      draw();
      await Bun.sleep(retryMs);
    }
  };
  terminal.write(enter);
  try {
    draw();
    await Promise.race([quit.promise, watch()]);
  } finally {
    isOver = true;
    terminal.write(leave);
  }
}
