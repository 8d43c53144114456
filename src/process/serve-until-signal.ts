import type { InvocationOf } from "../commands/read-arguments.ts";
import type { ServeOptions, Serving } from "../commands/serve.ts";
import type { ServeWithWorkersOptions } from "../commands/serve-with-workers.ts";
import { name, version } from "../version.ts";
import { loadConfig } from "./load-config.ts";
import { measureCapacity, prepareProcess } from "./prepare-process.ts";
import { reloadOnChange, reloadOnSignal } from "./reload-config.ts";
import { findScript } from "./restart-once.ts";
import { stopOnSignals } from "./stop-on-signals.ts";
import { print } from "./this-process.ts";

async function serveAlone(options: Omit<ServeOptions, "capacity">): Promise<Serving> {
  const { serve } = await import("../commands/serve.ts");
  if (process.platform !== "win32")
    process.on("SIGUSR2", () =>
      options.log.warning("Cannot replace workers on SIGUSR2: with WORKERS=1 there are none"),
    );
  return serve({ ...options, capacity: measureCapacity(options.config, options.log) });
}

/** Each worker is this program, with the same arguments and a port that is now known. */
async function startWorkers(
  count: number,
  { keyFromStdin }: InvocationOf<"serve">,
  options: ServeWithWorkersOptions,
): Promise<Serving> {
  const { serveWithWorkers } = await import("../commands/serve-with-workers.ts");
  const serving = await serveWithWorkers(options, {
    count,
    command: [process.execPath, ...findScript(), ...process.argv.slice(2)],
    env: process.env,
    stdin: keyFromStdin ? `${options.config.backend.apiKey}\n` : undefined,
  });
  process.on("SIGUSR2", () => void serving.renew());
  return serving;
}

export async function serveUntilSignal(invocation: InvocationOf<"serve">): Promise<number> {
  const { demo, cassette, readyFile } = invocation;
  const load = () => loadConfig(invocation, { searchCwd: true, serves: true });
  const config = await load();
  const log = await prepareProcess(config);
  const { chooseWorkers } = await import("../commands/choose-workers.ts");
  const machine = { platform: process.platform, processors: navigator.hardwareConcurrency };
  const workers = chooseWorkers(config.server.workers, { ...machine, cassette });
  const announcement = { demo, cassette, name, version, pid: process.pid, readyFile, print };
  const serving =
    workers === 1
      ? await serveAlone({ ...announcement, config, log })
      : await startWorkers(workers, invocation, { ...announcement, config, log });
  const stopped = stopOnSignals(serving, log, config.server.shutdownGrace);
  reloadOnSignal(await reloadOnChange({ config, log, load, take: serving.reload }));
  await serving.announce();
  return await stopped;
}
