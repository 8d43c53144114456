/** How many processes share the port. */
import { ConfigError } from "../config/config-error.ts";
import type { Cassette } from "../upstream/transport/cassette/tape.ts";

type Machine = {
  /** As in `process.platform`. */
  readonly platform: string;
  readonly processors: number;
  readonly cassette: Cassette | undefined;
};

/**
 * Only Linux spreads the connections to one port over several processes.
 * @param wanted what `WORKERS` says
 * @throws ConfigError for several workers where that cannot work
 */
export function chooseWorkers(wanted: number | "auto", { platform, processors, cassette }: Machine): number {
  const isAble = platform === "linux" && !cassette;
  if (wanted === "auto") return isAble ? processors : 1;
  if (wanted === 1 || isAble) return wanted;
  const problem = cassette ? `--${cassette.mode} needs one process` : "several workers need Linux";
  throw new ConfigError([`WORKERS=${wanted}: ${problem}; set it to 1`]);
}
