/** What on this machine decides whether Claude Code reaches the proxy. Pure: it is given what was found. */
import { testedVersion } from "../../catalog/claude-code/claude-code.ts";
import { adviseInstalling } from "../client/find-program.ts";
import type { ClientSettings } from "../client/find-settings.ts";
import { listDiversions } from "../client/override-settings.ts";
import { bad, type Finding, good, unknown } from "./finding.ts";

export type ClientFacts = {
  /** The path of `claude`; undefined if it was not found. */
  readonly path: string | undefined;
  /** What `claude --version` printed. */
  readonly version: string | undefined;
  readonly settings: readonly ClientSettings[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
};

export function checkClient(facts: ClientFacts): Finding[] {
  return [checkProgram(facts), ...checkSettings(facts), ...checkEnvironment(facts)];
}

function checkProgram({ path, version, platform }: ClientFacts): Finding {
  if (path === undefined) return unknown("claude", "claude is not installed", adviseInstalling(platform));
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

/** `run` replaces what files of the user and the project set; another start of Claude Code does not. */
function checkSettings({ settings }: ClientFacts): Finding[] {
  return settings.flatMap((file) => {
    const { isManaged, diverts } = file;
    if (diverts.length === 0) return [];
    const words = `${listDiversions([file]).join("")}, so Claude Code bypasses this proxy`;
    return isManaged
      ? [bad("claude", words, "ask whoever manages this machine")]
      : [bad("claude", `${words} unless \`run\` starts it`, `remove ${diverts.join(", ")} from that file`)];
  });
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
