/**
 * The only fetch. Moves bytes to the backend and back, and turns every way a connection fails into a `ProxyError`.
 * The request lives as long as its signal; a watchdog of our own ends it when the backend falls silent, because
 * Bun's fetch would do so after six minutes, streaming or not.
 */
import { ProxyError } from "../errors.ts";

export type SendRequest = {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body?: string;
  /** Longest silence before the head and between bytes, ms. */
  readonly silenceMs: number;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
};

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  /**
   * The next bytes, or undefined at the end.
   * @throws ProxyError `timeout` after a silence, `unreachable` when the connection breaks
   */
  read(): Promise<Uint8Array | undefined>;
  /** All bytes as text, up to `limit` bytes; what exceeds them is not read. */
  text(limit: number): Promise<string>;
  /** From now on a silence of `ms` ends the body as if the backend had closed it. */
  endAfterSilence(ms: number): void;
  /** Nobody reads on: lets the last bytes pass, so that the connection can serve again, then ends it. */
  release(): void;
};

/** How long the end of a body may follow its last word, ms. */
const lastBytesMs = 1000;

/**
 * Bun runs at most 256 fetches at once and lets the others wait without a word. We say so instead, a little below
 * that, so that the backend's model list and probes still pass. `BUN_CONFIG_MAX_HTTP_REQUESTS` raises both.
 */
export type Sender = { send(request: SendRequest): Promise<Answer> };

export function createSender(maxInFlight = 248): Sender {
  let inFlight = 0;
  return {
    async send(request) {
      if (inFlight >= maxInFlight) {
        throw new ProxyError(
          "overloaded",
          `Send the request: ${maxInFlight} requests are already under way; try again soon`,
          { retryAfter: 1 },
        );
      }
      inFlight += 1;
      return await connect(request, () => {
        inFlight -= 1;
      });
    },
  };
}

async function connect(request: SendRequest, release: () => void): Promise<Answer> {
  const call = new AbortController();
  const watch = watchSilence(request.silenceMs, () => call.abort());
  const abort = () => call.abort();
  request.signal.addEventListener("abort", abort, { once: true });
  if (request.signal.aborted) call.abort();
  let isOver = false;
  const finish = () => {
    if (isOver) return;
    isOver = true;
    watch.stop();
    request.signal.removeEventListener("abort", abort);
    release();
  };

  /** Why a read or the connection failed, in our words: Bun's name the whole URL, which may hold a key. */
  const explain = (thrown: unknown): ProxyError => {
    const host = new URL(request.url).host;
    if (watch.expired) {
      const seconds = Math.round(request.silenceMs / 1000);
      return new ProxyError("timeout", `Wait for the backend: ${host} was silent for ${seconds} s`);
    }
    return new ProxyError("unreachable", `Reach the backend at ${host}: ${reasonOf(thrown)}`, {
      cause: thrown,
    });
  };

  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      ...(request.body !== undefined && { body: request.body }),
      // A redirect would take the key and the conversation to an address nobody chose.
      redirect: "error",
      signal: call.signal,
      timeout: false,
    } as RequestInit);
    watch.touch();
    const body = response.body?.getReader();
    let endsQuietly = false;
    const read = async (): Promise<Uint8Array | undefined> => {
      if (isOver) return undefined;
      try {
        const part = await body?.read();
        watch.touch();
        if (part && !part.done) return part.value;
        finish();
        return undefined;
      } catch (thrown) {
        finish();
        if (endsQuietly && watch.expired) return undefined;
        throw explain(thrown);
      }
    };
    return {
      status: response.status,
      headers: response.headers,
      read,
      async text(limit) {
        const utf8 = new TextDecoder();
        let text = "";
        let size = 0;
        for (let bytes = await read(); bytes; bytes = await read()) {
          text += utf8.decode(bytes, { stream: true });
          size += bytes.length;
          if (size > limit) {
            call.abort();
            finish();
            break;
          }
        }
        return text + utf8.decode();
      },
      endAfterSilence(ms) {
        endsQuietly = true;
        watch.limit(ms);
      },
      release() {
        if (isOver) return;
        endsQuietly = true;
        watch.limit(lastBytesMs);
        read().then(
          (more) => more && call.abort(),
          () => {},
        );
      },
    };
  } catch (thrown) {
    finish();
    throw explain(thrown);
  }
}

type Watch = { touch(): void; limit(ms: number): void; stop(): void; readonly expired: boolean };

/** Calls `expire` once when `touch` was not called for `ms`. One timer serves any number of touches. */
function watchSilence(ms: number, expire: () => void): Watch {
  let allowed = ms;
  let touched = performance.now();
  let expired = false;
  let timer = setTimeout(check, allowed);
  function check(): void {
    const left = allowed - (performance.now() - touched);
    if (left > 0) {
      timer = setTimeout(check, left);
      return;
    }
    expired = true;
    expire();
  }
  return {
    touch() {
      touched = performance.now();
    },
    limit(shorter) {
      allowed = Math.min(allowed, shorter);
      clearTimeout(timer);
      timer = setTimeout(check, allowed);
    },
    stop: () => clearTimeout(timer),
    get expired() {
      return expired;
    },
  };
}

const reasons: Readonly<Record<string, string>> = {
  ConnectionRefused:
    "the connection was refused; check that the server runs and that OPENAI_BASE_URL is right",
  ECONNREFUSED: "the connection was refused; check that the server runs and that OPENAI_BASE_URL is right",
  FailedToOpenSocket: "no connection could be opened; check OPENAI_BASE_URL and the network",
  ENOTFOUND: "the host name was not found; check OPENAI_BASE_URL",
  ConnectionClosed: "the connection was closed before the answer was whole",
  ECONNRESET: "the connection was reset before the answer was whole",
  UnexpectedRedirect: "the backend redirects elsewhere; set OPENAI_BASE_URL to the final address",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its TLS certificate is not trusted; see NODE_EXTRA_CA_CERTS",
  SELF_SIGNED_CERT_IN_CHAIN: "its TLS certificate is not trusted; see NODE_EXTRA_CA_CERTS",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its TLS certificate is not trusted; see NODE_EXTRA_CA_CERTS",
  CERT_HAS_EXPIRED: "its TLS certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its TLS certificate is for another host",
};

function reasonOf(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  return reasons[code] ?? `the connection failed${code === "" ? "" : ` (${code})`}`;
}
