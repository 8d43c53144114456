/** The way to a backend, step by step: its name, a connection, TLS. Sends nothing. */
import { isIP } from "node:net";
import type { Config } from "../../config/read-config.ts";
import { findHttpProxy } from "../../lib/find-http-proxy.ts";
import {
  createFault,
  findConnectionFault,
  ownCodes,
} from "../../upstream/transport/find-connection-fault.ts";
import {
  lookUp,
  openConnection,
  type Probe,
  placeOf,
  type ServerPlace,
  shakeHands,
  speaksTls,
} from "../../upstream/transport/probe-connection.ts";
import { bad, type Finding, good } from "./finding.ts";

/** How long a step may take, ms. */
const stepMs = 4000;

/**
 * The findings up to the first step that fails.
 * @param setting what sets the address
 */
export async function checkAddress(
  baseUrl: string,
  proxies: Config["proxies"],
  setting: string,
): Promise<Finding[]> {
  const proxy = findHttpProxy(baseUrl, proxies);
  const place: ServerPlace = proxy ?? placeOf(baseUrl);
  const name = `${place.host}:${place.port}`;
  const way = proxy ? `the proxy ${name} (${proxy.variable})` : name;
  const findings: Finding[] = [];

  /** @returns whether the next step makes sense */
  function note(topic: string, probe: Probe, words: (took: string) => string): boolean {
    if (!probe.fault) {
      findings.push(good(topic, words(`${probe.tookMs} ms`)));
      return true;
    }
    const [reason = "", ...advice] = findConnectionFault(probe.fault, setting).reason.split("; ");
    const what = proxy ? `check ${proxy.variable}, or add the host to NO_PROXY` : advice.join("; ");
    findings.push(bad(topic, `${way}: ${reason}`, what || `check ${setting}`));
    return false;
  }

  if (isIP(place.host) === 0) {
    const found = await lookUp(place.host, stepMs);
    if (!note("DNS", found, (took) => `${place.host} is ${found.addresses.join(", ")} (${took})`))
      return findings;
  }
  const connected = await openConnection(place, stepMs);
  if (!note("TCP", connected, (took) => `${way} takes connections (${took})`)) return findings;
  // What comes after the proxy is the proxy's to do.
  if (proxy) return findings;
  if (baseUrl.startsWith("https:"))
    note("TLS", await shakeHands(place, stepMs), (took) => `the certificate of ${name} is trusted (${took})`);
  else if (await speaksTls(place, stepMs / 4))
    note("TLS", { tookMs: 0, fault: createFault(ownCodes.tls) }, () => "");
  return findings;
}
