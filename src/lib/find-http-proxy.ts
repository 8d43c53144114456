/** Which HTTP proxy a request goes through, by the variables that Bun's fetch obeys. */

/** The proxy, and the variable that names it. */
export type HttpProxy = {
  readonly variable: string;
  readonly host: string;
  readonly port: number;
};

export type ProxyVariables = Readonly<Partial<Record<string, string>>>;

/** The variables of an environment that choose a proxy. Their values may contain passwords. */
export function pickProxyVariables(env: Readonly<Record<string, string | undefined>>): ProxyVariables {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value && /^(?:https?|no)_proxy$/i.test(name) ? [[name, value] as const] : [],
    ),
  );
}

/** Undefined if the request goes there directly. A name in lower case takes precedence. */
export function findHttpProxy(url: string, env: ProxyVariables): HttpProxy | undefined {
  const { protocol, hostname, port } = new URL(url);
  const name = protocol === "https:" ? "https_proxy" : "http_proxy";
  const variable = [name, name.toUpperCase()].find((each) => env[each]);
  const address = variable === undefined ? undefined : URL.parse(env[variable] ?? "");
  if (variable === undefined || !address) return undefined;
  if (isDirect(hostname, port, env.no_proxy || env.NO_PROXY || "")) return undefined;
  const usual = address.protocol === "https:" ? 443 : 80;
  return { variable, host: address.hostname, port: Number(address.port) || usual };
}

/** A list of hosts, each with all below it, and with a port if only that one is meant; `*` is every host. */
function isDirect(hostname: string, port: string, list: string): boolean {
  const host = bare(hostname);
  return list.split(",").some((entry) => {
    const text = entry.trim().toLowerCase();
    const [, name = text, only] = /^(.*[^:]):(\d+)$/.exec(text) ?? [];
    if (only !== undefined && only !== port) return false;
    const wanted = bare(name).replace(/^\*?\./, "");
    return wanted === "*" || (wanted !== "" && (host === wanted || host.endsWith(`.${wanted}`)));
  });
}

/** Without the brackets of an IPv6 address. */
function bare(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$/g, "");
}
