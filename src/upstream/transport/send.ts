/**
 * Room `upstream/transport/`: bytes to a backend and back. Not here: what the bytes mean.
 *
 * The only fetch. Moves bytes to the backend and back, and turns every way a connection fails into a `ProxyError`. A
 * request lives as long as its signal. A watchdog of our own ends it when the backend falls silent, because Bun's
 * fetch gives up after six minutes, streaming or not.
 */
import { ProxyError } from "../../errors.ts";
import { findHttpProxy, type HttpProxy, type ProxyVariables } from "../../lib/find-http-proxy.ts";
import { createCollector } from "./collect-garbage.ts";
import { decodeBody } from "./decode-body.ts";
import { createFault, findConnectionFault, isClosed, ownCodes } from "./find-connection-fault.ts";

export type SendRequest = {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body?: string;
  /** What sets the address, for an error that asks to change it. */
  readonly setting?: string;
  /** What the client asked, for a trace. Not sent. */
  readonly asked?: object;
  /** Open a new connection, because the backend may have closed all idle ones. */
  readonly isolated?: boolean;
  /** Longest silence before the headers and between bytes, ms. */
  readonly silenceMs: number;
  /** The same until `begin` is called, if it differs. */
  readonly firstSilenceMs?: number;
  /** Aborted when nobody waits for the answer any more. A ProxyError as its reason becomes the failure. */
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
  /**
   * The body as text. Reads at most `limit` bytes and ignores the rest. If the connection breaks and what came
   * `isWhole`, the break no longer matters: some servers close without the end of the body.
   */
  text(limit: number, isWhole?: (text: string) => boolean): Promise<string>;
  /** The model has begun to answer. */
  begin(): void;
  /** From now on, a silence of `ms` ends the body as if the backend had closed it; undefined takes that back. */
  endAfterSilence(ms: number | undefined): void;
  /** Stops reading: lets the last bytes arrive, so that the connection can be reused, then closes it. */
  release(): void;
};

/** Far more than any model can say, even one token a chunk. */
const maxAnswerBytes = 512 * 1024 * 1024;

/** How long the end of a body may take after its last event, ms. */
const lastBytesMs = 1000;

/** A sender that knows how many requests are open. */
type CountingSender = Sender & { readonly inFlight: number };

export type Sender = {
  /** @throws ProxyError `overloaded`, `timeout` or `unreachable` */
  send(request: SendRequest): Promise<Answer>;
};

/** How long a server is waited for that says nothing, ms. */
type Patience = {
  /** Without an answer for so long, it is looked whether the server takes connections at all. */
  readonly lookAfter: number;
  /** How long it may take to open a connection. */
  readonly connectWithin: number;
};

const usualPatience: Patience = { lookAfter: 1500, connectWithin: 4000 };

/**
 * @param maxInFlight Bun silently queues fetches beyond a number. Requests are refused a little below that.
 * @param proxies the HTTP proxies that Bun's fetch obeys
 */
export function createSender(
  maxInFlight: number,
  proxies: ProxyVariables = {},
  patience: Patience = usualPatience,
): CountingSender {
  let inFlight = 0;
  const onRead = createCollector();
  /** Origins of backends that last closed a connection before the end of a body. */
  const abrupt = new Set<string>();
  /** Origins of servers that have answered. */
  const known = new Set<string>();
  return {
    get inFlight() {
      return inFlight;
    },
    async send(request) {
      if (inFlight >= maxInFlight) {
        throw new ProxyError(
          "overloaded",
          `Cannot send the request: ${maxInFlight} are already in progress; try again soon`,
          { retryAfter: 1, isOurs: true },
        );
      }
      inFlight += 1;
      const release = () => {
        inFlight -= 1;
      };
      const { origin } = new URL(request.url);
      return await connect(request, release, {
        onRead,
        patience,
        proxy: findHttpProxy(request.url, proxies),
        isKnown: known.has(origin),
        isAbrupt: abrupt.has(origin),
        onAnswer: () => void known.add(origin),
        onEnd: (isWhole) => void (isWhole ? abrupt.delete(origin) : abrupt.add(origin)),
      });
    },
  };
}

/** What is known of the backend's connections, and learned from one more. */
type Connection = {
  /** Told the size of every read, in bytes. */
  readonly onRead: (bytes: number) => void;
  readonly isAbrupt: boolean;
  /** Whether a server has answered there before. */
  readonly isKnown: boolean;
  readonly onAnswer: () => void;
  readonly patience: Patience;
  /** What it goes through, if it does not go there directly. */
  readonly proxy: HttpProxy | undefined;
  /** Told whether a body ended as it should, or with its connection. */
  readonly onEnd: (isWhole: boolean) => void;
};

/** @param release frees the request's slot; called once, when nothing more will be read */
async function connect(request: SendRequest, release: () => void, connection: Connection): Promise<Answer> {
  const { body, ...about } = request;
  // Without the body, which would stay in memory until the answer has ended.
  const line = openLine(about, release, connection.proxy);
  const look = setTimeout(lookForServer, connection.patience.lookAfter, request, line, connection);
  const headers = { ...request.headers, "accept-encoding": "identity" };
  try {
    line.startWait();
    if (connection.isAbrupt) {
      const { fetchAbrupt } = await import("./fetch-abrupt.ts");
      const response = await fetchAbrupt(request.url, { ...request, headers, signal: line.signal });
      line.endWait();
      return readAnswer(response, line, connection);
    }
    const response = await fetch(request.url, {
      method: request.method,
      headers,
      ...(request.body !== undefined && { body: request.body }),
      // A redirect would send the key and the conversation to an address that nobody chose.
      redirect: "error",
      ...(request.isolated && { keepalive: false }),
      signal: line.signal,
      timeout: false,
      // Whatever is encoded all the same is decoded by `decode-body.ts`, which has bounds.
      decompress: false,
      // `BUN_CONFIG_VERBOSE_FETCH` would print the key to stderr.
      verbose: false,
    });
    line.endWait();
    return readAnswer(response, line, connection);
  } catch (thrown) {
    line.abort();
    throw line.explain(await recognizeTls(thrown, request, connection));
  } finally {
    clearTimeout(look);
  }
}

/**
 * Ends a request that waits for a server that is not there: the system would wait for two minutes. One that has answered
 * before may be so busy that it takes no more connections, and gets more time.
 */
async function lookForServer(
  { url }: SendRequest,
  line: Line,
  { proxy, patience: { connectWithin }, isKnown }: Connection,
): Promise<void> {
  const { answersConnections, placeOf } = await import("./probe-connection.ts");
  if (await answersConnections(proxy ?? placeOf(url), connectWithin * (isKnown ? 5 : 1))) return;
  if (!line.hasAnswered()) line.fail(createFault(ownCodes.silent));
}

/** A TLS server closes the connection when it reads HTTP. */
async function recognizeTls(thrown: unknown, { url }: SendRequest, connection: Connection): Promise<unknown> {
  const isOther = connection.isKnown || connection.proxy || !url.startsWith("http:");
  if (isOther || !isClosed(thrown)) return thrown;
  const { placeOf, speaksTls } = await import("./probe-connection.ts");
  return (await speaksTls(placeOf(url), connection.patience.lookAfter)) ? createFault(ownCodes.tls) : thrown;
}

function readAnswer(response: Response, line: Line, { onRead, onEnd, onAnswer }: Connection): Answer {
  onAnswer();
  const body =
    response.body && decodeBody(response.body, response.headers.get("content-encoding")).getReader();
  let treatsSilenceAsEnd = false;
  let received = 0;

  // Called for every chunk of every stream: one promise, and no function made for it.
  function read(): Promise<Uint8Array | undefined> {
    if (!body) return Promise.resolve(undefined);
    if (line.isOver()) {
      // The request may have been ended while nobody was waiting for bytes.
      const reason = line.reason();
      return reason ? Promise.reject(reason) : Promise.resolve(undefined);
    }
    line.startWait();
    return body.read().then(take, fail);
  }

  function take({ value }: { value?: Uint8Array | undefined }): Uint8Array | undefined {
    line.endWait();
    if (!value) {
      line.end();
      onEnd(true);
      return undefined;
    }
    received += value.length;
    if (received > maxAnswerBytes) return fail(oversized());
    onRead(value.length);
    return value;
  }

  function fail(thrown: unknown): undefined {
    line.endWait();
    if (!line.isOver() && isClosed(thrown)) onEnd(false);
    line.abort();
    if (treatsSilenceAsEnd && line.isSilent()) return undefined;
    throw line.explain(thrown);
  }

  return {
    status: response.status,
    headers: response.headers,
    read,
    async text(limit, isWhole) {
      const utf8 = new TextDecoder();
      let text = "";
      let size = 0;
      try {
        for (let bytes = await read(); bytes; bytes = await read()) {
          text += utf8.decode(bytes, { stream: true });
          size += bytes.length;
          if (size > limit) line.abort();
        }
      } catch (thrown) {
        if (!isWhole?.(text)) throw thrown;
      }
      return text + utf8.decode();
    },
    begin: line.begin,
    endAfterSilence(ms) {
      treatsSilenceAsEnd = ms !== undefined;
      line.limitSilence(ms);
    },
    release() {
      if (line.isOver()) return;
      treatsSilenceAsEnd = true;
      line.limitSilence(lastBytesMs);
      read().then(
        (more) => more && line.abort(),
        () => {},
      );
    },
  };
}

/**
 * The lifetime of one request: it ends with its last byte, with its signal, or when the backend is silent for too
 * long.
 */
type Line = {
  readonly signal: AbortSignal;
  /** From now on the backend is waited for, at most as long as it may be silent; our own pauses do not count. */
  startWait(): void;
  endWait(): void;
  begin(): void;
  /** @param ms undefined for as long as the request allows */
  limitSilence(ms: number | undefined): void;
  isSilent(): boolean;
  /** Whether the headers have come. */
  hasAnswered(): boolean;
  isOver(): boolean;
  /** Why whoever waited for the answer ended it, if they said so. */
  reason(): ProxyError | undefined;
  /** Nothing more will be read: frees the slot. */
  end(): void;
  /** Ends the request at once, even when nobody is reading; a waiting reader gets an error. */
  abort(): void;
  /** The same, because of what we have found out. */
  fail(cause: unknown): void;
  /** The reason for the failure, in our own words: Bun's contain the whole URL, which may contain a key. */
  explain(thrown: unknown): ProxyError;
};

function openLine(request: SendRequest, release: () => void, proxy: HttpProxy | undefined): Line {
  const call = new AbortController();
  /** The longest silence of now, without and with what was asked for since. */
  let usual = request.firstSilenceMs ?? request.silenceMs;
  let allowed = usual;
  /** When the present wait began; undefined when nobody waits. */
  let since: number | undefined;
  let isSilent = false;
  let isOver = false;
  let hasAnswered = false;
  let found: unknown;
  // One timer serves all waits: it checks again when the present wait could be too long.
  let timer = setTimeout(check, allowed);

  function check(): void {
    const left = since === undefined ? allowed : allowed - (performance.now() - since);
    if (left > 0) {
      timer = setTimeout(check, left);
      return;
    }
    isSilent = true;
    abort();
  }

  function limit(ms: number | undefined): void {
    allowed = Math.min(usual, ms ?? usual);
    clearTimeout(timer);
    if (!isOver) timer = setTimeout(check, allowed);
  }

  function end(): void {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    request.signal.removeEventListener("abort", abort);
    release();
  }

  function abort(): void {
    call.abort();
    end();
  }

  function findReason(): ProxyError | undefined {
    const reason: unknown = request.signal.reason;
    return reason instanceof ProxyError ? reason : undefined;
  }

  request.signal.addEventListener("abort", abort, { once: true });
  if (request.signal.aborted) abort();
  return {
    signal: call.signal,
    startWait() {
      since = performance.now();
    },
    endWait() {
      since = undefined;
      hasAnswered = true;
    },
    begin() {
      usual = request.silenceMs;
      limit(undefined);
    },
    limitSilence: limit,
    isSilent: () => isSilent,
    hasAnswered: () => hasAnswered,
    isOver: () => isOver,
    reason: findReason,
    end,
    abort,
    fail(cause) {
      found = cause;
      abort();
    },
    explain(thrown) {
      if (thrown instanceof ProxyError) return thrown;
      const explained = isSilent
        ? explainSilence(request, allowed)
        : explainFault(request, found ?? thrown, proxy);
      return findReason() ?? explained;
    },
  };
}

function explainSilence({ url }: SendRequest, allowed: number): ProxyError {
  const seconds = Math.round(allowed / 1000);
  return new ProxyError(
    "timeout",
    `The backend at ${new URL(url).host} was silent for ${seconds} s; set REQUEST_TIMEOUT to more seconds to wait longer`,
  );
}

/** What is wrong with the way to an HTTP proxy is not wrong with the backend. */
function explainFault(
  { url, setting }: SendRequest,
  cause: unknown,
  proxy: HttpProxy | undefined,
): ProxyError {
  const { reason, isLasting } = findConnectionFault(cause, setting);
  const problem = proxy
    ? `${reason.split("; ")[0]}; the request went through the proxy ${proxy.host}:${proxy.port}: check ${proxy.variable}, or add the host to NO_PROXY`
    : reason;
  return new ProxyError("unreachable", `Cannot reach the backend at ${new URL(url).host}: ${problem}`, {
    cause,
    isLasting,
  });
}

function oversized(): ProxyError {
  const limit = `${maxAnswerBytes / 1024 / 1024} MiB`;
  return new ProxyError("upstream", `Cannot read the backend's answer: it is larger than ${limit}`, {
    isOurs: true,
  });
}
