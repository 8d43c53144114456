/** The quick part of `doctor`, for every start: only what the backend's list says, and only what is wrong. */
import type { Log } from "../../telemetry/log.ts";
import type { StartedProxy } from "../start-proxy.ts";
import { checkBackend } from "./check-backends.ts";
import type { Finding } from "./finding.ts";

/** Resolves when it has looked; nobody needs to wait. */
export async function warnAtStart(proxy: StartedProxy, log: Pick<Log, "warning">): Promise<void> {
  const listings = await Promise.all(proxy.listings);
  for (const listing of listings) warnOf(checkBackend(proxy, listing), log);
}

/** The same about the file of `USAGE_DB`, which is not made before the first message. */
export async function warnOfUsage(path: string, log: Pick<Log, "warning">): Promise<void> {
  const { checkUsage } = await import("./check-usage.ts");
  warnOf([checkUsage(path)], log);
}

function warnOf(findings: readonly Finding[], log: Pick<Log, "warning">): void {
  for (const { state, text, advice } of findings)
    if (state === "bad") log.warning(advice === undefined ? text : `${text}; ${advice}`);
}
