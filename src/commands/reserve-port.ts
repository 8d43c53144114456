/** Whether the address can be listened on, before workers share it. */
import { readErrorCode } from "../lib/read-error-code.ts";

type Address = {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
};

/** An address that cannot be listened on, worded for the user. */
export class ListenError extends Error {
  override readonly name = "ListenError";

  constructor(address: Address, cause: unknown) {
    super(`Cannot listen on ${nameAddress(address)}: ${explain(cause, address)}`, { cause });
  }
}

type Reservation = {
  /** A free one, if it was 0. */
  readonly port: number;
  /** Once the workers listen. */
  release(): void;
};

/**
 * Workers must share their port, and so they would share it with a proxy that was started by mistake. This looks once,
 * without sharing. A port that the system chose is then held, shared, or it could give it to another program before
 * the workers listen; nobody knows it yet, so no connection is lost.
 * @throws ListenError
 */
export function reservePort({ host, port }: Address): Reservation {
  try {
    const probe = Bun.listen({ hostname: host, port, exclusive: true, socket: { data() {} } });
    const found = probe.port;
    probe.stop(true);
    if (port !== 0) return { port, release() {} };
    // Bun's types know `reusePort` only for servers.
    const shared = { hostname: host, port: found, reusePort: true, socket: { data() {} } };
    const holder = Bun.listen(shared);
    return { port: found, release: () => holder.stop(true) };
  } catch (error) {
    throw new ListenError({ host, port }, error);
  }
}

/** Of IP, version 4 or 6. */
const address = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]*:[\da-f:.]*)$/i;

/** A long name may be a key that was put into the wrong variable. */
function nameAddress({ host, port }: Address): string {
  return address.test(host) || host.length <= 12 ? `${host}:${port}` : `port ${port} of the address in HOST`;
}

function explain(error: unknown, { host, port }: Address): string {
  // The code says nothing then: Bun gives the one of an earlier failure, or that the port is in use.
  if (!isOfThisMachine(host)) return "this machine has no such address; choose another --host";
  const code = readErrorCode(error) ?? "unknown error";
  if (code === "EADDRINUSE" && port !== 0)
    return "the port is in use; choose another with --port, or 0 for a free one";
  if (code === "EACCES" || code === "EPERM") return "permission denied; choose a --port above 1023";
  return `the address cannot be used (${code}); choose another --host`;
}

/** Whether any port can be listened on there. */
function isOfThisMachine(host: string): boolean {
  try {
    Bun.listen({ hostname: host, port: 0, socket: { data() {} } }).stop(true);
    return true;
  } catch {
    return false;
  }
}
