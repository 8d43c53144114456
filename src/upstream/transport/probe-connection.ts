/**
 * Looks at a server without asking it anything: whether it takes connections at all, and whether it speaks TLS. `fetch`
 * does not tell a server that is busy from one that is not there.
 */
import { lookup } from "node:dns/promises";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { raceTimer } from "../../lib/race-timer.ts";
import { readErrorCode } from "../../lib/read-error-code.ts";
import { createFault, ownCodes } from "./find-connection-fault.ts";

export type ServerPlace = { readonly host: string; readonly port: number };

/** How a step went: with a fault, as `findConnectionFault` explains it, if it failed. */
export type Probe = { readonly tookMs: number; readonly fault?: unknown };

/** Opens a connection and closes it again. A server that says nothing within `ms` is a fault, too. */
export function openConnection({ host, port }: ServerPlace, ms: number): Promise<Probe> {
  return watch(connect({ host, port }), "connect", ms);
}

/** Makes a TLS handshake, and checks the certificate as a request would. */
export function shakeHands({ host, port }: ServerPlace, ms: number): Promise<Probe> {
  const name = isIP(host) === 0 ? { servername: host } : {};
  return watch(connectTls({ host, port, ...name }), "secureConnect", ms);
}

/** The code of a name that is looked up for too long. */
const lateName = "EAI_AGAIN";

/** Looks a name up; an address is its own. */
export async function lookUp(
  host: string,
  ms: number,
): Promise<Probe & { readonly addresses: readonly string[] }> {
  const started = performance.now();
  const took = () => Math.round(performance.now() - started);
  try {
    const found = await raceTimer(lookup(host, { all: true }), ms);
    const addresses = (found ?? []).map(({ address }) => address);
    return { tookMs: took(), addresses, ...(!found && { fault: createFault(lateName) }) };
  } catch (fault) {
    return { tookMs: took(), addresses: [], fault };
  }
}

/**
 * Whether a connection can be opened, or is refused, within `ms`, at any address of the host: false if nothing answers,
 * as behind a firewall that drops packets, or if the name is looked up for so long.
 */
export async function answersConnections({ host, port }: ServerPlace, ms: number): Promise<boolean> {
  const { addresses, fault } = await lookUp(host, ms);
  // The request itself will say what is wrong with a name.
  if (fault !== undefined) return readErrorCode(fault) !== lateName;
  const probes = addresses.map(async (address) => {
    const { fault } = await openConnection({ host: address, port }, ms);
    if (readErrorCode(fault) === ownCodes.silent) throw fault;
  });
  return await Promise.any(probes).then(
    () => true,
    () => false,
  );
}

/** Whether a TLS handshake succeeds within `ms`. The certificate does not matter: nothing is sent. */
export async function speaksTls({ host, port }: ServerPlace, ms: number): Promise<boolean> {
  const socket = connectTls({ host, port, rejectUnauthorized: false });
  return (await watch(socket, "secureConnect", ms)).fault === undefined;
}

function watch(socket: Socket, success: "connect" | "secureConnect", ms: number): Promise<Probe> {
  const { promise, resolve } = Promise.withResolvers<Probe>();
  const started = performance.now();
  const end = (fault?: unknown) => {
    clearTimeout(timer);
    socket.destroy();
    resolve({ tookMs: Math.round(performance.now() - started), ...(fault !== undefined && { fault }) });
  };
  const timer = setTimeout(end, ms, createFault(ownCodes.silent));
  socket.on(success, () => end());
  socket.on("error", end);
  socket.on("close", () => end(createFault("ConnectionClosed")));
  return promise;
}

/** Where the connection of a URL goes. */
export function placeOf(url: string): ServerPlace {
  const { protocol, hostname, port } = new URL(url);
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (protocol === "https:" ? 443 : 80),
  };
}
