/** Where one request has been sent, and what its refusals have taught about each place. */
import { type Plan, redirectPlan } from "../../plan/plan.ts";
import type { Correction } from "../corrections.ts";
import type { Healing } from "./remember-corrections.ts";

type Trail = {
  /** The plan for the place where the request goes now. */
  readonly plan: Plan;
  /** What this request's refusals there have taught. */
  readonly corrections: readonly Correction[];
  /** Corrects the next request, or sends it to another place. */
  add(correction: Correction): void;
  /** Remembers what has led to an answer. */
  learn(healing: Pick<Healing, "learn">): void;
};

type Place = { plan: Plan; readonly corrections: Correction[]; move: Correction | undefined };

export function createTrail(given: Plan): Trail {
  const places: [Place, ...Place[]] = [begin(given)];
  const here = () => places.at(-1) ?? places[0];

  function move(correction: Correction & { change: "move" }): void {
    const from = here();
    const way = from.plan.otherWays.find(({ protocol }) => protocol === correction.to);
    const known = places.findIndex(({ plan }) => plan.protocol === correction.to);
    if (known !== -1) {
      // There was nothing better elsewhere: what was refused is corrected in some other way.
      places.length = known + 1;
      Object.assign(here(), { plan: { ...here().plan, otherWays: [] }, move: undefined });
    } else if (way) {
      from.move = correction;
      const rest = from.plan.otherWays.filter((other) => other !== way);
      places.push(begin(redirectPlan(from.plan, way, [...wayBackTo(from.plan), ...rest])));
    }
  }

  return {
    get plan() {
      return here().plan;
    },
    get corrections() {
      return here().corrections;
    },
    add(correction) {
      if (correction.change === "move") move(correction);
      else here().corrections.push(correction);
    },
    learn(healing) {
      for (const { plan, move } of places) if (move) healing.learn(plan, [move]);
      healing.learn(here().plan, here().corrections);
    },
  };
}

function begin(plan: Plan): Place {
  return { plan, corrections: [], move: undefined };
}

function wayBackTo({ protocol, url, quirks }: Plan): Plan["otherWays"] {
  return protocol === "anthropic" ? [] : [{ protocol, url, quirks }];
}
