/** What is being answered: no more than the process can bear, and none of it broken off when the server stops. */
import { ProxyError } from "../errors.ts";

export type Drain = {
  /** Whether new requests are refused. */
  readonly isStopping: boolean;
  /** How many requests are in progress. */
  readonly size: number;
  /** @throws ProxyError `overloaded` when the proxy is stopping, or has too many requests in progress */
  begin(): Progress;
  /** Refuses new requests from now on. Resolves when nothing is in progress. */
  stop(): Promise<void>;
  /** Ends everything in progress, with an error that clients can read. */
  cut(): void;
};

/** One request, until everything that holds it has let go. */
type Progress = {
  /** Aborted, with a ProxyError as its reason, when the answer must end now. */
  readonly cut: AbortSignal;
  /** Says that part of the answer is still to come; call the result once when it has been sent. */
  hold(): () => void;
};

/** @param maxInProgress requests beyond it are refused at once, rather than kept waiting */
export function createDrain(maxInProgress: number): Drain {
  const inProgress = new Set<AbortController>();
  const empty = Promise.withResolvers<void>();
  let isStopping = false;

  function end(controller: AbortController): void {
    inProgress.delete(controller);
    if (isStopping && inProgress.size === 0) empty.resolve();
  }

  return {
    get isStopping() {
      return isStopping;
    },
    get size() {
      return inProgress.size;
    },
    begin() {
      if (isStopping) throw stopping("take the request");
      if (inProgress.size >= maxInProgress) throw full(maxInProgress);
      const controller = new AbortController();
      inProgress.add(controller);
      let holds = 0;
      return {
        cut: controller.signal,
        hold() {
          holds += 1;
          return () => {
            holds -= 1;
            if (holds === 0) end(controller);
          };
        },
      };
    },
    stop() {
      isStopping = true;
      if (inProgress.size === 0) empty.resolve();
      return empty.promise;
    },
    cut() {
      for (const controller of inProgress) controller.abort(stopping("finish the answer"));
    },
  };
}

function full(count: number): ProxyError {
  return new ProxyError("overloaded", `Cannot take the request: ${count} are in progress; try again soon`, {
    retryAfter: 1,
    isOurs: true,
  });
}

function stopping(act: string): ProxyError {
  return new ProxyError("overloaded", `Cannot ${act}: the proxy is stopping; try again soon`, {
    retryAfter: 1,
    isOurs: true,
  });
}
