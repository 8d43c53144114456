/** The backends of a configuration: the one of `OPENAI_BASE_URL`, and those that single tiers have. */
import { isNearby } from "../lib/host.ts";
import type { Values } from "./variables.ts";

export type BackendConfig = Values["backend"] & {
  /** By which routes name it. */
  readonly id: string;
  /** Keys besides the first, for when that is used up. */
  readonly spareKeys: readonly string[];
  /** Each client's own key or login goes there, and no other. */
  readonly takesCallersKey: boolean;
  /** How many requests it answers at once; undefined for any number. */
  readonly maxConcurrent: number | undefined;
  /** How long it may take to the first token where another backend could answer, seconds. */
  readonly firstTokenTimeout: number | undefined;
};

/** The name of the backend that gets whatever no route sends elsewhere. */
export const defaultId = "default";

const tiers = ["big", "middle", "small"] as const;

/** The parts of the configuration that are about backends. */
type TierConfig = Pick<Values, "backend" | "bigBackend" | "middleBackend" | "smallBackend">;

/**
 * The default first, then those of tiers, which are named after their tier, then those of the file.
 *
 * @param fromFile the backends of the file
 * @param isFileDefault whether the first of them is the default
 */
export function listBackends(
  values: TierConfig,
  fromFile: readonly BackendConfig[] = [],
  isFileDefault = false,
): readonly [BackendConfig, ...BackendConfig[]] {
  const listTiers = (usual: BackendConfig) =>
    tiers.flatMap((tier) => readTier(tier, values[`${tier}Backend`], usual) ?? []);
  const [first, ...others] = fromFile;
  if (isFileDefault && first) return [first, ...listTiers(first), ...others];
  const usual = { ...values.backend, id: defaultId, ...unlimited };
  return [usual, ...listTiers(usual), ...fromFile];
}

const unlimited = {
  spareKeys: [],
  takesCallersKey: false,
  maxConcurrent: undefined,
  firstTokenTimeout: undefined,
};

/** What a tier does not say is as at the default backend, if that has the same origin. */
function readTier(
  tier: (typeof tiers)[number],
  own: Values["bigBackend"],
  usual: BackendConfig,
): BackendConfig | undefined {
  if (Object.values(own).every((value) => value === undefined)) return undefined;
  const { baseUrl = usual.baseUrl, apiKey, name } = own;
  const isSame = new URL(baseUrl).origin === new URL(usual.baseUrl).origin;
  const { requestTimeout } = usual;
  const common = isSame
    ? usual
    : {
        azureApiVersion: undefined,
        protocol: undefined,
        customHeaders: {},
        requestTimeout,
        name: undefined,
        apiKey: noKey,
      };
  return {
    ...common,
    ...unlimited,
    id: tier,
    baseUrl,
    name: name ?? common.name,
    apiKey: apiKey ?? common.apiKey,
  };
}

/** Local servers take any key. */
export const noKey = "none";

/** What sets the address and the key of a backend: variables, or places in the `config.toml`. */
export type BackendSettings = { readonly address: string; readonly key: string };

export function nameSettings(id: string): BackendSettings {
  if (id === defaultId) return { address: "OPENAI_BASE_URL", key: "OPENAI_API_KEY" };
  const prefix = tiers.find((tier) => tier === id)?.toUpperCase();
  return prefix === undefined
    ? { address: `backends.${id}.url`, key: `backends.${id}.keys` }
    : { address: `${prefix}_BASE_URL`, key: `${prefix}_API_KEY` };
}

/** A problem for each backend of a tier that needs a key: another backend's must not be sent there. */
export function findKeyless(backends: readonly BackendConfig[]): string[] {
  return backends.flatMap(({ id, apiKey, baseUrl }) => {
    const { host, hostname } = new URL(baseUrl);
    const tier = tiers.find((name) => name === id);
    if (tier === undefined || apiKey !== noKey || isNearby(hostname)) return [];
    return [`${tier.toUpperCase()}_API_KEY is not set; set it to the key of ${host}`];
  });
}
