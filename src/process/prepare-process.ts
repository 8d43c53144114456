import {
  type Capacity,
  chooseCapacity,
  fetchVariable,
  readDescriptorLimit,
} from "../commands/choose-capacity.ts";
import type { Config } from "../config/read-config.ts";
import { addLoopback } from "../lib/host.ts";
import { redact } from "../lib/redact.ts";
import { createLog, describeThrown, type Log, type LogLevel, type OpenLog } from "../telemetry/log.ts";
import { printError } from "./this-process.ts";

/** Logs what keeps it below the configured number, if anything does. */
export function measureCapacity({ server }: Config, log: Log): Capacity {
  const capacity = chooseCapacity(server.maxRequests, {
    fetches: process.env[fetchVariable],
    descriptors: readDescriptorLimit(process.report.getReport()),
  });
  if (capacity.limitedBy !== undefined)
    log.info(`At most ${capacity.requests} requests at once`, { reason: capacity.limitedBy });
  return capacity;
}

/** What no line of the log may contain. One list, replaced when it grows: its spellings are found once. */
let secrets: readonly string[] = [];

export async function addSecrets(config: Config): Promise<void> {
  const { listSecrets } = await import("../config/read-config.ts");
  secrets = [...new Set([...secrets, ...listSecrets(config)])];
}

/** Makes the process ready for a proxy, and opens its log. */
export async function prepareProcess(
  config: Config,
  worker?: number,
  echo: LineWriter = () => {},
): Promise<OpenLog> {
  const { level, format } = config.log;
  await addSecrets(config);
  const write = await openLog(config.log.file, echo);
  // Whatever a message contains, and wherever it comes from.
  const log = createLog(level, (line, of) => write(redact(line, secrets), of), { format, worker });
  for (const words of config.warnings) log.warning(words);
  bypassProxiesForLoopback();
  logUncaughtErrors(log);
  return log;
}

type LineWriter = (line: string, level: LogLevel) => void;

/** @throws Error, worded for the user, if the file cannot be written */
async function openLog(path: string | undefined, echo: LineWriter): Promise<LineWriter> {
  if (path === undefined) return printError;
  const { openLogFile } = await import("../commands/open-log-file.ts");
  const file = openLogFile(path);
  return (line, level) => {
    file.write(line);
    echo(line, level);
  };
}

/** Bun reads these variables for every request, and the lower-case one takes precedence. */
export function bypassProxiesForLoopback(): void {
  const direct = addLoopback(process.env.no_proxy || process.env.NO_PROXY);
  process.env.NO_PROXY = direct;
  process.env.no_proxy = direct;
}

/** One unhandled rejection must not end everyone's conversations. */
function logUncaughtErrors(log: Log): void {
  process.on("unhandledRejection", (thrown) =>
    log.error("Unhandled rejection", { error: describeThrown(thrown) }),
  );
  process.on("uncaughtException", (thrown) =>
    log.error("Uncaught exception", { error: describeThrown(thrown) }),
  );
}
