/** The quick part of `doctor`, for every start: only what the backend's list says, and only what is wrong. */
import type { Log } from "../../telemetry/log.ts";
import type { StartedProxy } from "../start-proxy.ts";
import { checkBackend } from "./check-backends.ts";

/** Resolves when it has looked; nobody needs to wait. */
export async function warnAtStart(proxy: StartedProxy, log: Pick<Log, "warning">): Promise<void> {
  const listings = await Promise.all(proxy.listings);
  const findings = listings.flatMap((listing) => checkBackend(proxy, listing));
  for (const { state, text, advice } of findings)
    if (state === "bad") log.warning(advice === undefined ? text : `${text}; ${advice}`);
}
