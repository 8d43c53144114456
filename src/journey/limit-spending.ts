/**
 * Refuses messages once a day has cost as much as it may, in the form of Anthropic's spend caps, which clients show and
 * do not repeat. Source: Anthropic, gateway protocol.
 */
import type { Config } from "../config/read-config.ts";
import { ProxyError } from "../errors.ts";
import { endOfDay } from "../telemetry/calendar.ts";
import { createDailyCosts, listSpendings, type Spending } from "../telemetry/daily-costs.ts";
import type { Journal } from "../telemetry/journal.ts";
import type { Log } from "../telemetry/log.ts";
import type { Peers } from "../telemetry/peers.ts";
import type { UsageStore } from "../telemetry/usage/store.ts";

export type SpendingLimit = {
  /** Takes the limits of another configuration. */
  take(limits: Limits): void;
  /**
   * @param client the name of its key, if it has one
   * @throws ProxyError `spend-cap` once the day has cost as much as it may, all in all or for this client
   */
  check(client?: string): void;
  /** @param costUsd of a message that has ended; undefined if it is not known */
  add(costUsd: number | undefined, client?: string): void;
};

type Limits = Partial<Pick<Config["limits"], "maxDailyCost" | "maxClientDailyCost">>;

type SpendingOptions = {
  /** Knows what was spent before this process began, and by other proxies. */
  readonly usage?: Pick<UsageStore, "sum"> | undefined;
  /** Knows what was spent before there was a limit. */
  readonly journal: Pick<Journal, "snapshot">;
  readonly peers: Pick<Peers, "shareCosts">;
  readonly log: Pick<Log, "warning">;
  readonly now?: () => number;
};

/** How often the database is asked, ms. */
const refreshMs = 60_000;

/** Nothing is counted before there is a limit: the calendar takes 4 ms and 3 MB. */
export function createSpendingLimit(options: SpendingOptions): SpendingLimit {
  const { usage, journal, peers, log, now = Date.now } = options;
  const costs = createDailyCosts(now);
  let limits: Limits = {};
  let tellPeers: ((spending: Spending) => void) | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let isWarned = false;

  function refresh(): void {
    if (!usage || Math.abs(now() - askedAt) < refreshMs) return;
    askedAt = now();
    const since = costs.day();
    usage.sum({ by: "client", since }).then(
      (sums = []) => {
        if (since !== costs.day()) return;
        for (const { key, costUsd } of sums) costs.raise({ client: key, costUsd });
      },
      () => {},
    );
  }

  const refuse = (max: number, whose: string, variable: string): ProxyError =>
    capReached(max, whose, variable, { reset: endOfDay(costs.day()), now: now() });

  return {
    take(next) {
      limits = next;
      if (tellPeers || (next.maxDailyCost ?? next.maxClientDailyCost) === undefined) return;
      for (const spending of listSpendings(journal.snapshot())) costs.raise(spending);
      tellPeers = peers.shareCosts(costs);
      refresh();
    },
    check(client) {
      if (!tellPeers) return;
      refresh();
      const { maxDailyCost: max, maxClientDailyCost: maxOf = {} } = limits;
      if (max !== undefined && costs.total() >= max) throw refuse(max, "a day", "MAX_DAILY_COST");
      if (client === undefined) return;
      const own = Object.hasOwn(maxOf, client) ? maxOf[client] : maxOf["*"];
      if (own !== undefined && costs.of(client) >= own)
        throw refuse(own, `a day for ${client}`, "MAX_CLIENT_DAILY_COST");
    },
    add(costUsd, client = "") {
      if (!tellPeers) return;
      if (costUsd !== undefined) {
        costs.add({ client, costUsd });
        tellPeers({ client, costUsd });
      } else if (!isWarned) {
        isWarned = true;
        const variable = limits.maxDailyCost === undefined ? "MAX_CLIENT_DAILY_COST" : "MAX_DAILY_COST";
        log.warning(`${variable} does not count every message: a backend reports neither costs nor prices`);
      }
    },
  };
}

type Times = {
  /** Unix time, ms. */
  readonly reset: number;
  readonly now: number;
};

function capReached(max: number, whose: string, variable: string, { reset, now }: Times): ProxyError {
  const words = `The limit of $${max.toFixed(2)} ${whose} is reached (${variable}); it resets at midnight`;
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
