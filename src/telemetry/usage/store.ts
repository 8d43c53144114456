/** The usage of a process: hands rows in batches to the thread that writes them, and asks it for sums. */
import type { MessageEntry } from "../entry.ts";
import type { Log } from "../log.ts";
import type { UsageQuery, UsageSum } from "./database.ts";

export type UsageStore = {
  /** Returns at once, and never throws. */
  keep(entry: MessageEntry): void;
  /** Undefined if the database cannot be read. */
  sum(query: UsageQuery): Promise<readonly UsageSum[] | undefined>;
  /** Writes what waits, and ends. */
  close(): Promise<void>;
};

/** What the thread is told, and what it says. */
export type StoreOrder =
  | { readonly type: "open"; readonly path: string; readonly days: number }
  | { readonly type: "keep"; readonly entries: readonly MessageEntry[] }
  | { readonly type: "sum"; readonly id: number; readonly query: UsageQuery }
  | { readonly type: "close" };
export type StoreWord =
  | { readonly type: "warning"; readonly words: string }
  | { readonly type: "sums"; readonly id: number; readonly sums: readonly UsageSum[] | undefined }
  | { readonly type: "closed"; readonly lost: number };

type StoreOptions = {
  readonly path: string;
  /** How long rows are kept. */
  readonly days: number;
  readonly log: Log;
};

/** How long rows wait for others, ms, and how many are handed over at once. */
const batchMs = 500;
const maxBatch = 500;
/** How long the end of the thread may take, ms. */
const closeMs = 3000;

/** In a compiled program all sources are one file, with the entry points beside it as in `src`. */
const workerUrl = new URL(
  import.meta.path.endsWith("store.ts") ? "./usage-worker.ts" : "./telemetry/usage/usage-worker.js",
  import.meta.url,
);

/** The thread begins with the first row or question. */
export function createUsageStore({ path, days, log }: StoreOptions): UsageStore {
  let thread: Worker | undefined;
  let isOver = false;
  let batch: MessageEntry[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const questions = new Map<number, (sums: readonly UsageSum[] | undefined) => void>();
  let lastQuestion = 0;
  const closed = Promise.withResolvers<void>();

  function end(): void {
    isOver = true;
    clearTimeout(timer);
    batch = [];
    for (const answer of questions.values()) answer(undefined);
    questions.clear();
    thread?.terminate();
    closed.resolve();
  }

  function hear(word: StoreWord): void {
    switch (word.type) {
      case "warning":
        return log.warning(word.words);
      case "sums":
        questions.get(word.id)?.(word.sums);
        questions.delete(word.id);
        return;
      case "closed":
        if (word.lost > 0) log.warning(`USAGE_DB: ${word.lost} messages were not recorded`, { file: path });
        return end();
      default:
        word satisfies never;
    }
  }

  function tell(order: StoreOrder): void {
    if (isOver) return;
    if (!thread) {
      thread = new Worker(workerUrl);
      thread.onmessage = ({ data }: MessageEvent<StoreWord>) => hear(data);
      thread.onerror = (event) => {
        event.preventDefault();
        log.warning("USAGE_DB: usage is no longer recorded", { file: path, error: event.message });
        end();
      };
      thread.unref();
      thread.postMessage({ type: "open", path, days } satisfies StoreOrder);
    }
    thread.postMessage(order);
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (batch.length > 0) tell({ type: "keep", entries: batch });
    batch = [];
  }

  return {
    keep(entry) {
      if (isOver) return;
      batch.push(entry);
      if (batch.length >= maxBatch) flush();
      else timer ??= setTimeout(flush, batchMs);
    },
    sum(query) {
      if (isOver) return Promise.resolve(undefined);
      flush();
      lastQuestion += 1;
      const { promise, resolve } = Promise.withResolvers<readonly UsageSum[] | undefined>();
      questions.set(lastQuestion, resolve);
      tell({ type: "sum", id: lastQuestion, query });
      return promise;
    },
    async close() {
      flush();
      if (!thread) return end();
      tell({ type: "close" });
      const late = setTimeout(end, closeMs);
      await closed.promise;
      clearTimeout(late);
    },
  };
}
