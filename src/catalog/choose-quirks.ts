/** Chooses the quirks of a backend and its model. Nothing after this asks which backend it is. */
import { generic } from "./backends/generic.ts";
import type { KnownBackend } from "./backends/known-backend.ts";
import { type BackendName, knownBackends } from "./backends/known-backends.ts";
import { changeQuirks, commonQuirks, type Quirks } from "./quirks.ts";

export type BackendAddress = {
  readonly baseUrl: string;
  readonly hasApiVersion: boolean;
  /** The operator's `BACKEND_DIALECT`. */
  readonly name: BackendName | undefined;
};

/** The operator's setting comes first; then an API version, which only one kind of backend takes; then the address. */
export function chooseQuirks({ baseUrl, hasApiVersion, name }: BackendAddress): Quirks {
  const { host } = new URL(baseUrl);
  const isBackend = (backend: KnownBackend): boolean => {
    if (name !== undefined) return backend.name === name;
    return hasApiVersion ? backend.versionedPath !== undefined : backend.hosts.some((one) => one.test(host));
  };
  return quirksOf(knownBackends.find(isBackend) ?? generic);
}

/** Where the API that takes a version is. */
export const versionedPath = knownBackends.map((backend) => backend.versionedPath).find(Boolean) ?? "";

export function quirksNamed(name: BackendName): Quirks {
  return quirksOf(findBackend(name));
}

/** The quirks of a backend's model, given those of the backend. */
export function quirksForModel(quirks: Quirks, model: string): Quirks {
  const matching = findBackend(quirks.name).models.filter(([name]) => name.test(model));
  return changeQuirks(quirks, ...matching.map(([, changes]) => changes));
}

function findBackend(name: string): KnownBackend {
  return knownBackends.find((backend) => backend.name === name) ?? generic;
}

function quirksOf({ name, quirks }: KnownBackend): Quirks {
  return { ...changeQuirks(commonQuirks, quirks), name };
}
