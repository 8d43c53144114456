/** `doctor`: collects all findings, and shows each as soon as it is known. */
import { ConfigError } from "../../config/config-error.ts";
import { type Config, type ListedSetting, listSecrets } from "../../config/read-config.ts";
import { redact } from "../../lib/redact.ts";
import { checkClient } from "./check-client.ts";
import { checkSettings } from "./check-settings.ts";
import { diagnose } from "./diagnose.ts";
import { findClient } from "./find-client.ts";
import { bad, type Finding } from "./finding.ts";
import { isHealthy, writeFinding, writeJsonReport, writeSummary } from "./write-findings.ts";

type Examination = {
  /** Throws ConfigError. */
  readonly loadConfig: () => Promise<Config>;
  readonly loadSettings: () => Promise<readonly ListedSetting[]>;
  readonly demo: boolean;
  readonly json: boolean;
  readonly isColored: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** As in `process.platform`. */
  readonly platform: string;
  readonly print: (line: string) => void;
  /** Time for everything, ms. */
  readonly withinMs: number;
};

/** More than the probes need. */
const maxFetches = 64;

/** @returns whether nothing is known to be wrong */
export async function examine(examination: Examination): Promise<boolean> {
  const { json, isColored, print, demo, withinMs } = examination;
  const findings: Finding[] = [];
  const started = performance.now();
  let secrets: readonly string[] = [];
  const report = (given: Finding): void => {
    const finding = { ...given, text: redact(given.text, secrets) };
    findings.push(finding);
    if (!json) print(writeFinding(finding, isColored));
  };
  try {
    const config = await examination.loadConfig();
    secrets = listSecrets(config);
    for (const finding of checkSettings(await examination.loadSettings(), config.warnings)) report(finding);
    for (const finding of checkClient(findClient(examination))) report(finding);
    const capacity = { requests: maxFetches, fetches: maxFetches };
    await diagnose({ config, demo, capacity, report, withinMs: withinMs - (performance.now() - started) });
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    const advice = thrown.keyMissing ? "run the command `init`, or set OPENAI_API_KEY" : "correct this value";
    for (const problem of thrown.problems) report(bad("settings", problem, advice));
    for (const finding of checkClient(findClient(examination))) report(finding);
  }
  print(json ? writeJsonReport(findings) : writeSummary(findings));
  return isHealthy(findings);
}
