/** Says which models there are when a backend does not have the one that was asked for. */
import type { Catalog } from "../catalog/models.ts";
import { ProxyError } from "../errors.ts";

const maxNames = 12;

/** The error with the names in the backend's list, if that is known; other errors as they are. */
export function nameModels(error: ProxyError, catalog: Pick<Catalog, "all">): ProxyError {
  if (error.kind !== "not-found") return error;
  const names = catalog.all().map(({ id }) => id);
  if (names.length === 0) return error;
  const rest = names.length - maxNames;
  const list = names.slice(0, maxNames).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
  const { upstreamStatus } = error;
  return new ProxyError("not-found", `${error.message}; the backend has ${list}`, {
    upstreamStatus,
    cause: error,
  });
}
