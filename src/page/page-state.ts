/** What the page and `top` are told, once a second: plain JSON. */
import type { Snapshot } from "../telemetry/journal.ts";

/** Where the requests of a tier go. */
export type RouteState = {
  readonly tier: string;
  /** "" while it is not known. */
  readonly model: string;
  /** Host and port. */
  readonly backend: string;
  readonly dialect: string;
  readonly hasKey: boolean;
  /** Tokens and dollars for a million; undefined if the backend's list does not say. */
  readonly window?: number | undefined;
  readonly maxOutput?: number | undefined;
  readonly inputPrice?: number | undefined;
  readonly outputPrice?: number | undefined;
  /** How many models the backend lists, and how old that list is, ms. */
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
};
