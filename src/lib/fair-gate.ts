/** Limits how many work at a time, and lets no owner keep the others out. */

type FairGate = {
  /** Waits for a place; call the result once to leave it again. */
  enter(owner: unknown): Promise<() => void>;
};

type Waiter = { readonly owner: unknown; readonly start: () => void };

/**
 * @param places for all owners together
 * @param placesEach for one owner; fewer than `places`, so that one is left for the others
 */
export function createFairGate(places: number, placesEach: number): FairGate {
  const waiting: Waiter[] = [];
  const working = new Map<unknown, number>();
  let free = places;
  const countOf = (owner: unknown): number => working.get(owner) ?? 0;

  /** Of those with the fewest places, the one that has waited longest. */
  function findNext(): Waiter | undefined {
    const [first, ...others] = waiting.filter(({ owner }) => countOf(owner) < placesEach);
    return others.reduce(
      (next, each) => (next && countOf(each.owner) >= countOf(next.owner) ? next : each),
      first,
    );
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
    async enter(owner) {
      await new Promise<void>((start) => {
        waiting.push({ owner, start });
        startWaiting();
      });
      return () => leave(owner);
    },
  };
}
