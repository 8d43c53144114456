/** The quick part of `doctor`, for every start: only what the backend's list says, and only what is wrong. */
import type { Log } from "../../telemetry/log.ts";
import type { StartedProxy } from "../start-proxy.ts";
import { checkModels } from "./check-models.ts";

/** Resolves when it has looked; nobody needs to wait. */
export async function warnAtStart(proxy: StartedProxy, log: Pick<Log, "warning">): Promise<void> {
  const catalog = await proxy.catalog;
  const findings = checkModels({
    ...proxy,
    catalog,
    fault: await proxy.listFault,
    quirks: proxy.quirks(),
  });
  for (const { state, text, advice } of findings)
    if (state === "bad") log.warning(advice === undefined ? text : `${text}; ${advice}`);
}
