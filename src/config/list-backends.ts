/** The backends of a configuration: the one of `OPENAI_BASE_URL`, and those that single tiers have. */
import type { z } from "zod";
import { isNearby } from "../lib/host.ts";
import type { table } from "./variables.ts";

type Values = z.output<typeof table>;

export type BackendConfig = Values["backend"] & {
  /** By which routes name it. */
  readonly id: string;
};

/** The name of the backend that gets whatever no route sends elsewhere. */
export const defaultId = "default";

const tiers = ["big", "middle", "small"] as const;

type TierConfig = Pick<Values, "backend" | "bigBackend" | "middleBackend" | "smallBackend">;

/** The default first, then those of tiers, which are named after their tier. */
export function listBackends(config: TierConfig): BackendConfig[] {
  const own = tiers.flatMap((tier) => readTier(tier, config) ?? []);
  return [{ ...config.backend, id: defaultId }, ...own];
}

/** What a tier does not say is as at the default backend, if that has the same origin. */
function readTier(tier: (typeof tiers)[number], config: TierConfig): BackendConfig | undefined {
  const { baseUrl = config.backend.baseUrl, apiKey, name } = config[`${tier}Backend`];
  const isDefault =
    config[`${tier}Backend`].baseUrl === undefined && apiKey === undefined && name === undefined;
  if (isDefault) return undefined;
  const isSame = new URL(baseUrl).origin === new URL(config.backend.baseUrl).origin;
  const { requestTimeout } = config.backend;
  const common = isSame ? config.backend : { azureApiVersion: undefined, customHeaders: {}, requestTimeout };
  return {
    ...common,
    id: tier,
    baseUrl,
    name: name ?? (isSame ? config.backend.name : undefined),
    apiKey: apiKey ?? (isSame ? config.backend.apiKey : noKey),
  };
}

/** Local servers take any key. */
const noKey = "none";

/** A problem for each tier whose backend needs a key that is missing: another backend's must not be sent there. */
export function findKeyless(config: TierConfig): string[] {
  return listBackends(config).flatMap(({ id, apiKey, baseUrl }) => {
    const { host, hostname } = new URL(baseUrl);
    if (id === defaultId || apiKey !== noKey || isNearby(hostname)) return [];
    return [`${id.toUpperCase()}_API_KEY is not set; set it to the key of ${host}`];
  });
}
