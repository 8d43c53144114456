/** Repeated calls, with one timer for all that have the same interval: thousands of streams wake the process once. */

type Group = { readonly callbacks: Set<() => void>; readonly timer: ReturnType<typeof setInterval> };

const groups = new Map<number, Group>();

/**
 * Calls `callback` every `ms`, for the first time within `ms`. It must not throw.
 * @returns stops the calls; may be called again
 */
export function shareInterval(callback: () => void, ms: number): () => void {
  const group = groups.get(ms) ?? openGroup(ms);
  // Its own function, because the same callback may be shared twice.
  const call = () => callback();
  group.callbacks.add(call);
  return () => {
    group.callbacks.delete(call);
    if (group.callbacks.size > 0 || groups.get(ms) !== group) return;
    clearInterval(group.timer);
    groups.delete(ms);
  };
}

function openGroup(ms: number): Group {
  const callbacks = new Set<() => void>();
  const timer = setInterval(() => {
    for (const call of callbacks) call();
  }, ms);
  const group = { callbacks, timer };
  groups.set(ms, group);
  return group;
}
