/** The state of all backends at this moment, for whatever shows it. A copy; no keys. */
import type { Services } from "./services.ts";
import type { RestingPart } from "./track-health.ts";

type BackendState = {
  /** As in the configuration. */
  readonly id: string;
  /** Host and port. */
  readonly host: string;
  readonly keys: number;
  /** Requests that it answers and that wait for it; always 0 without a limit. */
  readonly running: number;
  readonly waiting: number;
  /** What is left alone now, because it has failed. */
  readonly resting: readonly Omit<RestingPart, "backend">[];
};

export function listBackendStates({
  sites,
  health,
  slots,
}: Pick<Services, "sites" | "health" | "slots">): BackendState[] {
  const resting = Map.groupBy(health.list(), ({ backend }) => backend);
  return sites.all.map(({ backend: { id, name, keyHeaders } }) => ({
    id,
    host: name,
    keys: keyHeaders.length,
    ...slots.count(id),
    resting: (resting.get(id) ?? []).map(({ backend, ...part }) => part),
  }));
}
