/** What the page and `top` are told, once a second: plain JSON. */
import type { Snapshot } from "../telemetry/journal.ts";

/** A row of the table of routes. */
export type RouteState = {
  readonly key: string;
  /** `BACKEND@MODEL` each, in the order in which they are tried. */
  readonly targets: readonly string[];
  /** Of the first target, in tokens and dollars for a million; undefined if the backend's list does not say. */
  readonly window?: number | undefined;
  readonly maxOutput?: number | undefined;
  readonly inputPrice?: number | undefined;
  readonly outputPrice?: number | undefined;
};

export type BackendRow = {
  readonly id: string;
  /** Host and port. */
  readonly host: string;
  readonly dialect: string;
  /** How many keys it has. */
  readonly keys: number;
  /** What is left alone for a while because it has failed, in words. */
  readonly resting: readonly string[];
  /** Requests that it answers and that wait for it, as far as that is limited. */
  readonly running: number;
  readonly waiting: number;
  readonly maxConcurrent: number | undefined;
  /** How many models it lists, and how old that list is, ms; undefined if it was not read. */
  readonly listed: number;
  readonly listAgeMs: number | undefined;
};

export type PageState = Omit<Snapshot, "errors"> & {
  readonly version: string;
  /** The clock of the proxy; Unix time, ms. */
  readonly now: number;
  /** Whether `recent` and the series are all there is. Otherwise they are what is new. */
  readonly isWhole: boolean;
  /** Whether the sums of days come from a database. */
  readonly hasUsage: boolean;
  readonly errors: readonly (Snapshot["errors"][number] & { readonly advice: string })[];
  readonly routes: readonly RouteState[];
  readonly backends: readonly BackendRow[];
};
