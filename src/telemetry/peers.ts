/**
 * With several workers, each knows only its own requests. Whoever wants to know about all of them asks its peers, which
 * are the processes of one proxy, itself included.
 */
import type { MetricReport } from "./create-series.ts";
import type { DailyCosts, Spending } from "./daily-costs.ts";
import type { Snapshot } from "./journal.ts";

/** What a process can be asked; the answers are plain JSON. */
export type Reports = {
  readonly metrics: readonly MetricReport[];
  readonly journal: Snapshot;
};
export type Topic = keyof Reports;

export type Reporters = { readonly [Each in Topic]: () => Reports[Each] };

export type Peers = {
  /** How this process answers, also when others ask. */
  answerWith(reporters: Reporters): void;
  /** The answers of all that answer in time, this process's first. */
  gather<Each extends Topic>(topic: Each): Promise<readonly Reports[Each][]>;
  /**
   * Makes the costs of this day those of all processes: adds what the others have spent, and what they will spend.
   * @returns tells the others what this process spends
   */
  shareCosts(costs: DailyCosts): (spending: Spending) => void;
};

/** For a proxy of one process. */
export function createSolePeer(): Peers {
  let own: Reporters | undefined;
  return {
    answerWith(reporters) {
      own = reporters;
    },
    gather: async (topic) => (own ? [own[topic]()] : []),
    shareCosts: () => () => {},
  };
}
