/** Repeated calls, with one timer for all that have the same interval: thousands of streams wake the process once. */
import { LiveList, Member } from "./live-list.ts";

type Group = { readonly repeated: LiveList<Repeated>; readonly timer: ReturnType<typeof setInterval> };

/** One of the calls: the same callback may be shared twice. */
class Repeated extends Member<Repeated> {
  readonly callback: () => void;

  constructor(callback: () => void) {
    super();
    this.callback = callback;
  }
}

const groups = new Map<number, Group>();

/**
 * Calls `callback` every `ms`, for the first time within `ms`. It must not throw.
 * @returns stops the calls; may be called again
 */
export function shareInterval(callback: () => void, ms: number): () => void {
  const group = groups.get(ms) ?? openGroup(ms);
  const one = new Repeated(callback);
  group.repeated.add(one);
  return () => {
    group.repeated.delete(one);
    if (group.repeated.size > 0 || groups.get(ms) !== group) return;
    clearInterval(group.timer);
    groups.delete(ms);
  };
}

function openGroup(ms: number): Group {
  const repeated = new LiveList<Repeated>();
  const timer = setInterval(() => {
    for (const { callback } of repeated) callback();
  }, ms);
  const group = { repeated, timer };
  groups.set(ms, group);
  return group;
}
