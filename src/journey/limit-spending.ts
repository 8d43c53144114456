/**
 * Refuses messages once a day has cost as much as it may, in the form of Anthropic's spend caps, which clients show and
 * do not repeat. Source: Anthropic, gateway protocol.
 */
import { ProxyError } from "../errors.ts";
import { startOfDay } from "../telemetry/journal.ts";
import type { Log } from "../telemetry/log.ts";
import type { UsageStore } from "../telemetry/usage/store.ts";

export type SpendingLimit = {
  /**
   * @param client the name of its key, if it has one
   * @throws ProxyError `spend-cap` once the day has cost as much as it may, all in all or for this client
   */
  check(client?: string): void;
  /** @param costUsd of a message that has ended; undefined if it is not known */
  add(costUsd: number | undefined, client?: string): void;
};

type SpendingOptions = {
  /** US dollars a day; undefined for any number. */
  readonly max: number | undefined;
  /** The same for clients by their names; `*` is for those that are not listed. */
  readonly maxOfClients?: Readonly<Record<string, number>> | undefined;
  /** Knows what was spent before this process began, and by others. */
  readonly usage?: Pick<UsageStore, "sum"> | undefined;
  readonly log: Pick<Log, "warning">;
  readonly now?: () => number;
};

/** How often the database is asked, ms. */
const refreshMs = 60_000;

export function createSpendingLimit(options: SpendingOptions): SpendingLimit {
  const { max, maxOfClients = {}, usage, log, now = Date.now } = options;
  const maxOf = new Map(Object.entries(maxOfClients));
  // Before the calendar is asked, which loads the time zones: 4 ms and 3 MB.
  if (max === undefined && maxOf.size === 0) return { check() {}, add() {} };
  let day = startOfDay(now());
  /** By the names of clients; "" is for all that have none. */
  let spent = new Map<string, number>();
  let askedAt = Number.NEGATIVE_INFINITY;
  let isWarned = false;

  /** A new day begins at 0. */
  function turnDay(): void {
    const today = startOfDay(now());
    if (today === day) return;
    [day, spent] = [today, new Map()];
  }

  function refresh(): void {
    if (!usage || Math.abs(now() - askedAt) < refreshMs) return;
    askedAt = now();
    const since = day;
    usage.sum({ by: "client", since }).then(
      (sums) => {
        if (since !== day) return;
        for (const { key, costUsd } of sums ?? []) spent.set(key, Math.max(spent.get(key) ?? 0, costUsd));
      },
      () => {},
    );
  }

  refresh();
  return {
    check(client) {
      turnDay();
      refresh();
      const times = { reset: endOfDay(day), now: now() };
      const total = [...spent.values()].reduce((sum, part) => sum + part, 0);
      if (max !== undefined && total >= max) throw capReached(max, "a day", "MAX_DAILY_COST", times);
      const own = client === undefined ? undefined : (maxOf.get(client) ?? maxOf.get("*"));
      if (client !== undefined && own !== undefined && (spent.get(client) ?? 0) >= own)
        throw capReached(own, `a day for ${client}`, "MAX_CLIENT_DAILY_COST", times);
    },
    add(costUsd, client = "") {
      turnDay();
      if (costUsd !== undefined) spent.set(client, (spent.get(client) ?? 0) + costUsd);
      else if (!isWarned) {
        isWarned = true;
        log.warning(
          `${max === undefined ? "MAX_CLIENT_DAILY_COST" : "MAX_DAILY_COST"} does not count every message: a backend reports neither costs nor prices`,
        );
      }
    },
  };
}

function endOfDay(day: number): number {
  const end = new Date(day);
  return end.setDate(end.getDate() + 1);
}

type Times = {
  /** Unix time, ms. */
  readonly reset: number;
  readonly now: number;
};

function capReached(max: number, whose: string, variable: string, { reset, now }: Times): ProxyError {
  const words = `The limit of $${max.toFixed(2)} ${whose} is reached (${variable}); it begins anew at midnight`;
  return new ProxyError("spend-cap", words, {
    retryAfter: (reset - now) / 1000,
    isOurs: true,
    headers: {
      "anthropic-ratelimit-unified-status": "rejected",
      "anthropic-ratelimit-unified-overage-period": "daily",
      "anthropic-ratelimit-unified-overage-disabled-reason": "org_spend_cap_reached",
      "anthropic-ratelimit-unified-reset": String(Math.ceil(reset / 1000)),
    },
  });
}
