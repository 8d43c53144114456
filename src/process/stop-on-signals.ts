import { exits } from "../commands/exit-codes.ts";
import type { Serving } from "../commands/serve.ts";
import type { Log } from "../telemetry/log.ts";

/** How long the error that ends an answer may take to reach its client, ms. */
export const farewellMs = 1000;

/**
 * The first signal lets answers in progress finish, for a while; the second, or the end of that time, ends them in an
 * error; the third exits at once. Resolves with the exit code when they have finished.
 * @param grace seconds
 */
export function stopOnSignals(serving: Serving, log: Log, grace: number): Promise<number> {
  const stopped = Promise.withResolvers<number>();
  let stage: "serving" | "stopping" | "cut" = "serving";
  const cut = (code: number): void => {
    stage = "cut";
    setTimeout(() => process.exit(code), farewellMs);
    serving.stop().then(() => process.exit(code), stopped.reject);
    serving.cut();
  };
  const stop = (signal: "SIGINT" | "SIGTERM", code: number): void => {
    switch (stage) {
      case "serving":
        stage = "stopping";
        log.info(`${signal}: finishing the answers in progress; send it again to stop now`);
        setTimeout(() => {
          log.warning("Stopped before all answers were finished", { after: `${grace}s` });
          cut(code);
        }, grace * 1000);
        serving
          .stop()
          .then(() => stage === "stopping" && stopped.resolve(exits.success.code), stopped.reject);
        return;
      case "stopping":
        return cut(code);
      case "cut":
        return process.exit(code);
      default:
        return stage satisfies never;
    }
  };
  process.on("SIGINT", () => stop("SIGINT", exits.interrupted.code));
  process.on("SIGTERM", () => stop("SIGTERM", exits.terminated.code));
  return stopped.promise;
}
