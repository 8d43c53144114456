/** Groups the errors of messages that are alike. */
import { copyText } from "../lib/copy-text.ts";
import { dropFirst } from "../lib/drop-first.ts";
import type { MessageEntry } from "./entry.ts";

export type ErrorGroup = {
  readonly error: string;
  readonly status: number;
  readonly backend: string;
  readonly model: string;
  readonly count: number;
  /** Unix time, ms. */
  readonly lastAt: number;
};

const maxErrors = 50;

const keyOf = ({ error, backend, model }: Pick<ErrorGroup, "error" | "backend" | "model">): string =>
  JSON.stringify([error, backend, model]);

/** Keeps a bounded number of groups, those that were seen last. */
export function createErrorGroups() {
  const groups = new Map<string, ErrorGroup>();
  return {
    count({ status, backend, model, startedAt, tookMs }: MessageEntry, error: string): void {
      const key = keyOf({ error, backend, model });
      const known = groups.get(key);
      // The last to be seen is the last to go.
      groups.delete(key);
      groups.set(key, {
        // It may be a part of a long answer.
        error: known?.error ?? copyText(error),
        status,
        backend,
        model,
        count: (known?.count ?? 0) + 1,
        lastAt: startedAt + tookMs,
      });
      dropFirst(groups, maxErrors);
    },
    /** The latest first. */
    list: (): ErrorGroup[] => [...groups.values()].reverse(),
  };
}

/** Those of several processes, the latest first. */
export function mergeErrors(groups: readonly ErrorGroup[]): ErrorGroup[] {
  const merged = new Map<string, ErrorGroup>();
  for (const group of groups) {
    const key = keyOf(group);
    const known = merged.get(key);
    const count = group.count + (known?.count ?? 0);
    merged.set(key, { ...group, count, lastAt: Math.max(group.lastAt, known?.lastAt ?? 0) });
  }
  return [...merged.values()].sort((one, other) => other.lastAt - one.lastAt).slice(0, maxErrors);
}
