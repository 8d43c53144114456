/** Limits how many work at a time, and lets no owner keep the others out. */

type FairGate = {
  /**
   * Waits for a place; call the result once to leave it again.
   * @param size of the work; an owner's smallest comes first
   */
  enter(owner: unknown, size: number): Promise<() => void>;
};

type Waiter = { readonly owner: unknown; readonly size: number; readonly start: () => void };

/**
 * @param places for all owners together
 * @param placesEach for one owner; fewer than `places`, so that one is left for the others
 */
export function createFairGate(places: number, placesEach: number): FairGate {
  const waiting: Waiter[] = [];
  const working = new Map<unknown, number>();
  let free = places;
  const countOf = (owner: unknown): number => working.get(owner) ?? 0;

  /** The owner with the fewest places is next, and of several the one that has waited longest. */
  function findNext(): Waiter | undefined {
    const able = waiting.filter(({ owner }) => countOf(owner) < placesEach);
    const [longest] = able.toSorted((a, b) => countOf(a.owner) - countOf(b.owner));
    const [smallest] = able
      .filter(({ owner }) => owner === longest?.owner)
      .toSorted((a, b) => a.size - b.size);
    return smallest;
  }

  function startWaiting(): void {
    const next = free > 0 ? findNext() : undefined;
    if (!next) return;
    waiting.splice(waiting.indexOf(next), 1);
    free -= 1;
    working.set(next.owner, countOf(next.owner) + 1);
    next.start();
  }

  function leave(owner: unknown): void {
    free += 1;
    const left = countOf(owner) - 1;
    if (left > 0) working.set(owner, left);
    else working.delete(owner);
    startWaiting();
  }

  return {
    async enter(owner, size) {
      await new Promise<void>((start) => {
        waiting.push({ owner, size, start });
        startWaiting();
      });
      return () => leave(owner);
    },
  };
}
