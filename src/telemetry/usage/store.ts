/** The usage of a process: hands rows in batches to the thread that writes them, and asks it for sums. */
import { describeSystemError } from "../../lib/describe-system-error.ts";
import { startThread } from "../../lib/start-thread.ts";
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
/** Rows that may wait for the thread: some megabytes. */
const maxUnsent = 20_000;
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
  /** Rows that will never be written. */
  let lost = 0;
  /** Whether it was told that rows wait for the thread. */
  let isLate = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const questions = new Map<number, (sums: readonly UsageSum[] | undefined) => void>();
  let lastQuestion = 0;
  const closed = Promise.withResolvers<void>();

  function end(): void {
    isOver = true;
    clearTimeout(timer);
    lost += batch.length;
    batch = [];
    if (lost > 0) log.warning(`USAGE_DB: ${lost} messages were not recorded`, { file: path });
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
        lost += word.lost;
        return end();
      default:
        word satisfies never;
    }
  }

  function begin(): Worker {
    const begun = startThread(workerUrl);
    begun.onmessage = ({ data }: MessageEvent<StoreWord>) => hear(data);
    begun.onerror = (event) => {
      event.preventDefault();
      log.warning("USAGE_DB: usage is no longer recorded", { file: path, error: event.message });
      end();
    };
    begun.unref();
    begun.postMessage({ type: "open", path, days } satisfies StoreOrder);
    return begun;
  }

  /** @returns false while the system allows no further thread */
  function tell(order: StoreOrder): boolean {
    try {
      thread ??= begin();
    } catch (thrown) {
      const error = describeSystemError(thrown);
      if (!isLate) log.warning("USAGE_DB: messages wait to be recorded", { file: path, error });
      isLate = true;
      return false;
    }
    thread.postMessage(order);
    return true;
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (batch.length === 0 || isOver) return;
    if (tell({ type: "keep", entries: batch })) {
      batch = [];
      return;
    }
    lost += Math.max(0, batch.length - maxUnsent);
    batch = batch.slice(-maxUnsent);
    timer = setTimeout(flush, batchMs);
  }

  return {
    keep(entry) {
      if (isOver) return;
      batch.push(entry);
      if (batch.length >= maxBatch) flush();
      else timer ??= setTimeout(flush, batchMs);
    },
    async sum(query) {
      if (isOver) return undefined;
      flush();
      lastQuestion += 1;
      if (!tell({ type: "sum", id: lastQuestion, query })) return undefined;
      const { promise, resolve } = Promise.withResolvers<readonly UsageSum[] | undefined>();
      questions.set(lastQuestion, resolve);
      return await promise;
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
