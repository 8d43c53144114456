import { exits } from "../commands/exit-codes.ts";
import type { Serving } from "../commands/serve.ts";
import { ConfigError } from "../config/config-error.ts";
import type { Config } from "../config/read-config.ts";
import { describeThrown, type OpenLog } from "../telemetry/log.ts";
import { addSecrets } from "./prepare-process.ts";
import { hasTerminal } from "./this-process.ts";

type Reloading = {
  readonly config: Config;
  readonly log: OpenLog;
  readonly load: () => Promise<Config>;
  readonly take: Serving["reload"];
};

/**
 * Reads the configuration again when its `config.toml` changes. One with mistakes changes nothing, and neither does one
 * that would let everyone in where clients had keys.
 * @returns reads it again at once
 */
export async function reloadOnChange({ config, log, load, take }: Reloading): Promise<() => void> {
  let asksForKey = needsKey(config);
  // One after another, so that the last one read is the one in force.
  let done = Promise.resolve();
  const reload = (): void => {
    done = done
      .then(load)
      .then(async (next) => {
        if (asksForKey && !needsKey(next))
          throw new ConfigError([
            "The keys of clients cannot be taken away from a running proxy; restart it",
          ]);
        await addSecrets(next);
        const pending = take(next);
        log.setLevel(next.log.level);
        asksForKey = needsKey(next);
        log.info("Read the configuration again");
        for (const words of next.warnings) log.warning(words);
        if (pending.length > 0) log.warning(`A restart is needed for the change of ${pending.join(", ")}`);
      })
      .catch((error: unknown) => {
        const problems = error instanceof ConfigError ? error.problems.join("; ") : describeThrown(error);
        log.error("Cannot use the changed configuration: the old one stays in force", { problems });
      });
  };
  if (config.configFile !== undefined) {
    const { watchFile } = await import("../commands/watch-file.ts");
    watchFile(config.configFile, reload);
  }
  return reload;
}

/** Whether clients must send a key. */
function needsKey({ server }: Config): boolean {
  return server.clientKey !== undefined || server.clients.keys.length > 0;
}

/** SIGHUP reads the configuration again. When the terminal goes away, it ends the process as it always did. */
export function reloadOnSignal(reload: () => void): void {
  if (process.platform === "win32") return;
  const hadTerminal = hasTerminal();
  process.on("SIGHUP", () => {
    if (hadTerminal && !hasTerminal()) process.exit(exits.terminated.code);
    reload();
  });
}
