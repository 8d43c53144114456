/** Sums of one day by name: of a session, or a client. */
import { dropFirst } from "../lib/drop-first.ts";
import { cutName } from "./entry.ts";
import { addSums, byCost, noSums, type RunningSums, type Sums } from "./sums.ts";

export type NamedSums = Sums & { readonly name: string };

const maxNames = 200;

const dayMs = 24 * 3_600_000;

/** Keeps a bounded number of names, those that were seen last. */
export function createNames() {
  let day = 0;
  let last: string | undefined;
  const names = new Map<string, RunningSums>();
  return {
    find(name: string, today: number): RunningSums {
      // A clock that was a day ahead, or more, has been corrected.
      if (today > day || day - today >= dayMs) {
        names.clear();
        day = today;
        last = undefined;
      }
      const key = cutName(name);
      const sums = names.get(key) ?? { ...noSums };
      if (key === last) return sums;
      // The last to be seen is the last to go.
      names.delete(key);
      names.set(key, sums);
      last = key;
      dropFirst(names, maxNames);
      return sums;
    },
    list: (today: number): NamedSums[] =>
      day === today ? mergeNames([...names].map(([name, sums]) => ({ name, ...sums }))) : [],
  };
}

/** The most expensive first. */
export function mergeNames(names: readonly NamedSums[]): NamedSums[] {
  const merged = new Map<string, Sums>();
  for (const { name, ...sums } of names) merged.set(name, addSums(merged.get(name) ?? noSums, sums));
  return [...merged].map(([name, sums]) => ({ name, ...sums })).sort(byCost);
}
