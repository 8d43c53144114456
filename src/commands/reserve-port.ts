/** Whether the address can be listened on, before workers share it. */
import { isIP } from "node:net";
import { readErrorCode } from "../lib/read-error-code.ts";

type Address = {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
};

/** An address that cannot be listened on, worded for the user. */
export class ListenError extends Error {
  override readonly name = "ListenError";

  constructor({ host, port }: Address, cause: unknown) {
    super(`Cannot listen on ${nameHost(host)}:${port}: ${explain(cause, port)}`, { cause });
  }
}

/**
 * Workers must share their port, and so they would share it with a proxy that was started by mistake. This looks once,
 * without sharing.
 * @returns the port; a free one for 0
 * @throws ListenError
 */
export function reservePort({ host, port }: Address): number {
  try {
    const probe = Bun.listen({ hostname: host, port, exclusive: true, socket: { data() {} } });
    const found = probe.port;
    probe.stop(true);
    return found;
  } catch (error) {
    throw new ListenError({ host, port }, error);
  }
}

/** A long name may be a key that was put into the wrong variable. */
function nameHost(host: string): string {
  return isIP(host) !== 0 || host.length <= 12 ? host : "the address in HOST";
}

function explain(error: unknown, port: number): string {
  const code = readErrorCode(error) ?? "unknown error";
  if (code === "EADDRINUSE" && port !== 0)
    return "the port is in use; choose another with --port, or 0 for a free one";
  if (code === "EACCES" || code === "EPERM") return "permission denied; choose a --port above 1023";
  // Bun has many codes for a host that does not resolve or does not belong to this machine.
  return `the address cannot be used (${code}); choose another --host`;
}
