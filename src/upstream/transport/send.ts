/**
 * Room `upstream/transport/`: bytes to a backend and back. Not here: what the bytes mean.
 *
 * The only fetch. Moves bytes to the backend and back, and turns every way a connection fails into a `ProxyError`.
 */
import { ProxyError } from "../../errors.ts";
import { callAfter } from "../../lib/call-after.ts";
import { findHttpProxy, type HttpProxy, type ProxyVariables } from "../../lib/find-http-proxy.ts";
import { findShortage } from "../../lib/find-shortage.ts";
import { letOthersRun } from "../../lib/let-others-run.ts";
import { LongText } from "../../lib/long-text.ts";
import { releaseBytes } from "../../lib/release-bytes.ts";
import { rememberResults } from "../../lib/remember-results.ts";
import type { StopSignal } from "../../lib/stop.ts";
import { createCollector } from "./collect-garbage.ts";
import { createFault, isClosed, isUnopened, ownCodes } from "./find-connection-fault.ts";
import { OpenLine } from "./hold-line.ts";
import { type Answer, BackendAnswer, type KnownServer } from "./read-answer.ts";

export type SendRequest = {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body?: string | LongText;
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
  readonly signal: StopSignal;
};

/** A sender that knows how many requests are open. */
type CountingSender = Sender & { readonly inFlight: number };

export type Sender = {
  /** @throws ProxyError `overloaded`, `timeout` or `unreachable` */
  send(request: SendRequest): Promise<Answer>;
};

/** How long to wait for a server that says nothing, ms. */
type Patience = {
  /** After this time without an answer, a probe shows whether the server accepts connections at all. */
  readonly lookAfter: number;
  /** How long it may take to open a connection. */
  readonly connectWithin: number;
};

const usualPatience: Patience = { lookAfter: 1500, connectWithin: 4000 };

/** Where a request goes. */
type Destination = {
  readonly server: KnownServer;
  /** What a request goes through, if it does not go there directly. */
  readonly proxy: HttpProxy | undefined;
};

/** Servers, and addresses, that are remembered. */
const maxServers = 100;

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
  const onRead = createCollector(() => inFlight);
  const release = () => {
    inFlight -= 1;
  };
  const serverAt = rememberResults((): KnownServer => ({ isKnown: false, isAbrupt: false }), maxServers);
  const destinationOf = rememberResults((url): Destination => {
    return { server: serverAt(new URL(url).origin), proxy: findHttpProxy(url, proxies) };
  }, maxServers);
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
      const destination = destinationOf(request.url);
      inFlight += 1;
      const line = new OpenLine(request, destination.proxy, release);
      const look = callAfter(
        patience.lookAfter,
        () => void lookForServer(request.url, line, destination, patience),
      );
      try {
        line.startWait();
        // Requests that came in together go out together: Bun's thread for HTTP wakes once for all of them.
        await letOthersRun();
        const response = await fetchFrom(destination.server, request, line.signal);
        line.endWait();
        destination.server.isKnown = true;
        return new BackendAnswer(response, line, destination.server, onRead);
      } catch (thrown) {
        line.abort();
        throw line.explain(await findCause(thrown, request.url, destination, patience));
      } finally {
        look.cancel();
      }
    },
  };
}

function fetchFrom(server: KnownServer, request: SendRequest, signal: AbortSignal): Promise<Response> {
  const headers = { ...request.headers, "accept-encoding": "identity" };
  if (server.isAbrupt) return fetchAbruptly(request, headers, signal);
  const body = encodeLong(request.body);
  const response = fetch(request.url, {
    method: request.method,
    headers,
    body,
    // A redirect would send the key and the conversation to an address that nobody chose.
    redirect: "error",
    keepalive: !request.isolated,
    signal,
    timeout: false,
    // Whatever is encoded all the same is decoded by `decode-body.ts`, which has bounds.
    decompress: false,
    // `BUN_CONFIG_VERBOSE_FETCH` would print the key to stderr.
    verbose: false,
  });
  // `fetch` has copied it.
  if (body instanceof Uint8Array) releaseBytes(body);
  return response;
}

/** Shorter bodies are sent as text, characters. */
const minEncoded = 16 * 1024;

const encoder = new TextEncoder();

/**
 * A long body is put together from hundreds of pieces. `fetch` would first make one text of them, which the collector
 * finds late; the encoder reads them one by one, and the memory of bytes can be given back at once.
 */
function encodeLong(body: SendRequest["body"]): string | Uint8Array<ArrayBuffer> | null {
  if (body === undefined) return null;
  if (body instanceof LongText) return body.encode();
  return body.length < minEncoded ? body : encoder.encode(body);
}

async function fetchAbruptly(
  request: SendRequest,
  headers: SendRequest["headers"],
  signal: AbortSignal,
): Promise<Response> {
  const { fetchAbrupt } = await import("./fetch-abrupt.ts");
  return await fetchAbrupt(request.url, { ...request, body: request.body?.toString(), headers, signal });
}

/**
 * Ends a request that waits for a server that is not there: the system would wait for two minutes. One that has answered
 * before may be so busy that it takes no more connections, and gets more time.
 */
async function lookForServer(
  url: string,
  line: OpenLine,
  { proxy, server }: Destination,
  { connectWithin }: Patience,
): Promise<void> {
  const { answersConnections, placeOf } = await import("./probe-connection.ts");
  if (await answersConnections(proxy ?? placeOf(url), connectWithin * (server.isKnown ? 5 : 1))) return;
  if (!line.hasAnswered) line.fail(createFault(ownCodes.silent));
}

/**
 * The cause of an error of `fetch`, which may say something else: without a free descriptor, no name is found and every
 * connection is refused; and a TLS server closes the connection when it reads HTTP.
 */
async function findCause(
  thrown: unknown,
  url: string,
  { proxy, server }: Destination,
  { lookAfter }: Patience,
): Promise<unknown> {
  if (isUnopened(thrown)) return findShortage() ?? thrown;
  const isOther = server.isKnown || proxy || !url.startsWith("http:");
  if (isOther || !isClosed(thrown)) return thrown;
  const { placeOf, speaksTls } = await import("./probe-connection.ts");
  return (await speaksTls(placeOf(url), lookAfter)) ? createFault(ownCodes.tls) : thrown;
}
