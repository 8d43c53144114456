/** What on this machine decides whether Claude Code reaches the proxy. Pure: it is given what was found. */
import { clientVariables, testedVersion } from "../../catalog/claude-code/claude-code.ts";
import { isObject, parseJson } from "../../lib/json.ts";
import { bad, type Finding, good, unknown } from "./finding.ts";

export type ClientFacts = {
  /** The path of `claude`; undefined if it was not found. */
  readonly path: string | undefined;
  /** What `claude --version` printed. */
  readonly version: string | undefined;
  /** The user's settings file of Claude Code. */
  readonly settings: { readonly path: string; readonly text: string | undefined };
  readonly env: Readonly<Record<string, string | undefined>>;
};

export function checkClient(facts: ClientFacts): Finding[] {
  return [checkProgram(facts), ...checkSettings(facts), ...checkEnvironment(facts)];
}

function checkProgram({ path, version }: ClientFacts): Finding {
  if (path === undefined)
    return unknown("claude", "claude is not installed", "npm install --global @anthropic-ai/claude-code");
  const number = /\d+\.\d+\.\d+/.exec(version ?? "")?.[0];
  if (number === undefined) return unknown("claude", `${path} does not say its version`);
  return Bun.semver.order(number, testedVersion) < 0
    ? unknown(
        "claude",
        `${path} is ${number}; ${testedVersion} is the oldest that was tested`,
        "claude update",
      )
    : good("claude", `${path} is ${number}`);
}

function checkSettings({ settings: { path, text } }: ClientFacts): Finding[] {
  if (text === undefined) return [];
  const settings = parseJson(text);
  const env = isObject(settings) && isObject(settings.env) ? settings.env : {};
  const address = env[clientVariables.baseUrl];
  if (typeof address !== "string") return [];
  const words = `${path} sets ${clientVariables.baseUrl}, so Claude Code passes this proxy by`;
  return [bad("claude", words, `remove ${clientVariables.baseUrl} from that file`)];
}

function checkEnvironment({ env }: ClientFacts): Finding[] {
  const proxy = env.HTTPS_PROXY || env.https_proxy || env.HTTP_PROXY || env.http_proxy;
  const ca = env.NODE_EXTRA_CA_CERTS || env.SSL_CERT_FILE;
  return [
    ...(proxy
      ? [unknown("network", "requests to the backend go through the proxy in HTTPS_PROXY or HTTP_PROXY")]
      : []),
    ...(ca ? [unknown("network", `certificates are also read from ${ca}`)] : []),
  ];
}
