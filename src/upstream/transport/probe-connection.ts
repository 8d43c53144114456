/**
 * Looks at a server without asking it anything: whether it takes connections at all, and whether it speaks TLS. `fetch`
 * does not tell a server that is busy from one that is not there.
 */
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";

type Place = { readonly host: string; readonly port: number };

/**
 * Whether a connection can be opened, or is refused, within `ms`: false if nothing answers, as behind a firewall that
 * drops packets, or if the name is looked up for so long.
 */
export function answersConnections({ host, port }: Place, ms: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port });
  const end = (answers: boolean) => {
    clearTimeout(timer);
    socket.destroy();
    resolve(answers);
  };
  const timer = setTimeout(end, ms, false);
  socket.on("connect", () => end(true));
  // Whatever is wrong, the request itself will say so.
  socket.on("error", () => end(true));
  return promise;
}

/** Whether a TLS handshake succeeds within `ms`. The certificate does not matter: nothing is sent. */
export function speaksTls({ host, port }: Place, ms: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connectTls({ host, port, rejectUnauthorized: false });
  const end = (speaks: boolean) => {
    clearTimeout(timer);
    socket.destroy();
    resolve(speaks);
  };
  const timer = setTimeout(end, ms, false);
  socket.on("secureConnect", () => end(true));
  socket.on("error", () => end(false));
  socket.on("close", () => end(false));
  return promise;
}

/** Where the connection of a URL goes. */
export function placeOf(url: string): Place {
  const { protocol, hostname, port } = new URL(url);
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (protocol === "https:" ? 443 : 80),
  };
}
