/** The requests in progress: how many there may be, and that they finish when the server stops. */
import { ProxyError } from "../errors.ts";
import { LiveList, Member } from "../lib/live-list.ts";
import { Stop, type Stopper } from "../lib/stop.ts";

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
export type Progress = {
  /** Stops the work for the request: aborted with a ProxyError as its reason when the answer must end now. */
  readonly call: Stopper;
  /** Says that part of the answer is still to come. */
  hold(): void;
  /** Says that this part has been sent: once for each `hold`. */
  release(): void;
  /** The answer. If it must end before that has come, it is rejected with the reason. */
  orCut<Answer>(answer: Answer | Promise<Answer>): Answer | Promise<Answer>;
};

type DrainOptions = {
  /** Told when a request begins. */
  readonly onBegin?: () => void;
  /** Told when a request has ended. */
  readonly onEnd?: () => void;
};

/** @param maxInProgress requests beyond it are refused at once, rather than kept waiting */
export function createDrain(maxInProgress: number, { onBegin, onEnd }: DrainOptions = {}): Drain {
  const inProgress = new LiveList<OneRequest>();
  const empty = Promise.withResolvers<void>();
  let isStopping = false;

  function end(request: OneRequest): void {
    inProgress.delete(request);
    onEnd?.();
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
      const request = new OneRequest(end);
      inProgress.add(request);
      onBegin?.();
      return request;
    },
    stop() {
      isStopping = true;
      if (inProgress.size === 0) empty.resolve();
      return empty.promise;
    },
    cut() {
      for (const request of inProgress) request.cut(stopping("finish the answer"));
    },
  };
}

class OneRequest extends Member<OneRequest> implements Progress {
  readonly call = new Stop();
  readonly #onEnd: (request: OneRequest) => void;
  #holds = 0;
  #reject: ((reason: ProxyError) => void) | undefined;

  constructor(onEnd: (request: OneRequest) => void) {
    super();
    this.#onEnd = onEnd;
  }

  hold(): void {
    this.#holds += 1;
  }

  release(): void {
    this.#holds -= 1;
    if (this.#holds === 0) this.#onEnd(this);
  }

  orCut<Answer>(answer: Answer | Promise<Answer>): Answer | Promise<Answer> {
    if (!(answer instanceof Promise)) return answer;
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      answer.then(resolve, reject);
    });
  }

  cut(reason: ProxyError): void {
    this.#reject?.(reason);
    this.call.abort(reason);
  }
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
