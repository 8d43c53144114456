/**
 * Refuses messages once a day has cost as much as it may, in the form of Anthropic's spend caps, which clients show and
 * do not repeat. Source: Anthropic, gateway protocol.
 */
import { ProxyError } from "../errors.ts";
import { startOfDay } from "../telemetry/journal.ts";
import type { Log } from "../telemetry/log.ts";
import type { UsageStore } from "../telemetry/usage/store.ts";

export type SpendingLimit = {
  /** @throws ProxyError `spend-cap` once the day has cost as much as it may */
  check(): void;
  /** @param costUsd of a message that has ended; undefined if it is not known */
  add(costUsd: number | undefined): void;
};

type SpendingOptions = {
  /** US dollars a day; undefined for any number. */
  readonly max: number | undefined;
  /** Knows what was spent before this process began, and by others. */
  readonly usage?: Pick<UsageStore, "sum"> | undefined;
  readonly log: Pick<Log, "warning">;
  readonly now?: () => number;
};

/** How often the database is asked, ms. */
const refreshMs = 60_000;

export function createSpendingLimit({ max, usage, log, now = Date.now }: SpendingOptions): SpendingLimit {
  let day = startOfDay(now());
  let spent = 0;
  let askedAt = Number.NEGATIVE_INFINITY;
  let isWarned = false;

  /** A new day begins at 0. */
  function turnDay(): void {
    const today = startOfDay(now());
    if (today === day) return;
    [day, spent] = [today, 0];
  }

  function refresh(): void {
    if (!usage || now() - askedAt < refreshMs) return;
    askedAt = now();
    const since = day;
    usage.sum({ by: "backend", since }).then(
      (sums) => {
        const known = (sums ?? []).reduce((total, { costUsd }) => total + costUsd, 0);
        if (since === day) spent = Math.max(spent, known);
      },
      () => {},
    );
  }

  if (max === undefined) return { check() {}, add() {} };
  refresh();
  return {
    check() {
      turnDay();
      refresh();
      if (spent >= max) throw capReached(max, endOfDay(day), now());
    },
    add(costUsd) {
      turnDay();
      if (costUsd !== undefined) spent += costUsd;
      else if (!isWarned) {
        isWarned = true;
        log.warning(
          "MAX_DAILY_COST does not count every message: a backend reports neither costs nor prices",
        );
      }
    },
  };
}

function endOfDay(day: number): number {
  const end = new Date(day);
  return end.setDate(end.getDate() + 1);
}

/** @param reset Unix time, ms; also `now` */
function capReached(max: number, reset: number, now: number): ProxyError {
  const words = `The limit of $${max.toFixed(2)} a day is reached (MAX_DAILY_COST); it begins anew at midnight`;
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
