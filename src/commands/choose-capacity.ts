/** How many requests the proxy takes at once: what the operator allows, as far as Bun and the system can bear it. */

/** How many fetches Bun runs at once, read when a process begins. Those beyond it would wait without a word. */
export const fetchVariable = "BUN_CONFIG_MAX_HTTP_REQUESTS";

/** The largest value that Bun 1.4.5 reads; it ignores others. */
export const maxFetches = 65_535;

/**
 * What Bun has to find in the environment when the process begins. Measured with Bun 1.4.5:
 *
 * - Its last compiler is kept for code that has run a million times: what a request runs once was compiled for longer
 *   than it ran. That took a third of the processor time of a proxy's first thousands of requests.
 * - Blocks for the heap are made ahead once there are 512 (8 MB), not 64: an idle proxy has 300, and would hold 0.7 MB
 *   that it never uses.
 * - The first collections wait for 48 MB of allocations, not 8. Bun counts 256 KB for the read buffer of every stream,
 *   hardly any of which is touched: 100 streams that began made each other wait for two collections, one of them full.
 *   It costs 10 MB more at the peak.
 */
export const startVariables: Readonly<Record<string, string>> = {
  [fetchVariable]: String(maxFetches),
  BUN_JSC_thresholdForFTLOptimizeAfterWarmUp: "1000000",
  BUN_JSC_warmUpMarkedBlockStartAfterBlocks: "512",
  BUN_JSC_largeHeapSize: String(48 * 1024 * 1024),
};

const usualFetches = 256;
/** For model lists, summaries and the like. */
const spareFetches = 8;
/** A request holds its client's connection and the backend's. */
const descriptorsEach = 2;
/** For logs, recordings, idle connections. */
const spareDescriptors = 64;

type ProcessLimits = {
  /** The text of `fetchVariable`. */
  readonly fetches: string | undefined;
  /** How many files the process may have open; undefined if that is unlimited or unknown. */
  readonly descriptors: number | undefined;
};

export type Capacity = {
  /** Requests in progress; those beyond it are refused. */
  readonly requests: number;
  /** Fetches in progress; those beyond it would wait. */
  readonly fetches: number;
};

type ChosenCapacity = Capacity & {
  /** Why it is less than the operator allows, for the log. */
  readonly limitedBy: string | undefined;
};

/** @param allowed what `MAX_CONCURRENT_REQUESTS` says */
export function chooseCapacity(allowed: number, limits: ProcessLimits): ChosenCapacity {
  const fetches = readFetches(limits.fetches) - spareFetches;
  const pairs = Math.floor(
    ((limits.descriptors ?? Number.POSITIVE_INFINITY) - spareDescriptors) / descriptorsEach,
  );
  const requests = Math.max(1, Math.min(allowed, fetches, pairs));
  return { requests, fetches: Math.max(1, fetches), limitedBy: explain(requests, allowed, pairs, limits) };
}

function readFetches(text: string | undefined): number {
  const number = /^\d{1,5}$/.test(text ?? "") ? Number(text) : 0;
  return number > 0 && number <= maxFetches ? number : usualFetches;
}

function explain(
  requests: number,
  allowed: number,
  pairs: number,
  limits: ProcessLimits,
): string | undefined {
  if (requests === allowed) return undefined;
  if (requests >= pairs) return `this process may open only ${limits.descriptors} files; raise ulimit -n`;
  return `Bun runs ${readFetches(limits.fetches)} fetches at once; set ${fetchVariable}=${maxFetches} before the start`;
}

/** The limit of open files in Node's diagnostic report; undefined if there is none. */
export function readDescriptorLimit(report: unknown): number | undefined {
  const limit = memberOf(memberOf(memberOf(report, "userLimits"), "open_files"), "soft");
  return typeof limit === "number" ? limit : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
