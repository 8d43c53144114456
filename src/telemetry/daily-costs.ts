/** What the day has cost so far, by client. Each day begins at 0. */
import { createDayFinder } from "./calendar.ts";
import type { Snapshot } from "./journal.ts";

/** What the messages of a client have cost. */
export type Spending = {
  /** The name of its key; "" for all that have none. */
  readonly client: string;
  /** US dollars. */
  readonly costUsd: number;
};

export type DailyCosts = {
  /** When the day began; Unix time, ms. */
  day(): number;
  add(spending: Spending): void;
  /** Others know that a client has spent at least so much. */
  raise(spending: Spending): void;
  /** US dollars of one client. */
  of(client: string): number;
  /** US dollars of all clients. */
  total(): number;
  list(): Spending[];
};

export function createDailyCosts(now: () => number = Date.now): DailyCosts {
  const dayOf = createDayFinder();
  let day = 0;
  const costs = new Map<string, number>();

  function ofToday(): Map<string, number> {
    const today = dayOf(now());
    if (today !== day) costs.clear();
    day = today;
    return costs;
  }

  const of = (client: string): number => ofToday().get(client) ?? 0;
  return {
    day() {
      ofToday();
      return day;
    },
    add: ({ client, costUsd }) => void ofToday().set(client, of(client) + costUsd),
    raise: ({ client, costUsd }) => void ofToday().set(client, Math.max(of(client), costUsd)),
    of,
    total: () =>
      ofToday()
        .values()
        .reduce((sum, cost) => sum + cost, 0),
    list: () => [...ofToday()].map(([client, costUsd]) => ({ client, costUsd })),
  };
}

/** What a process has spent this day, limited or not. */
export function listSpendings({ clients }: Pick<Snapshot, "clients">): Spending[] {
  return clients.map(({ name, costUsd }) => ({ client: name, costUsd }));
}
