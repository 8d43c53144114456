/** `version`: one line, for people and scripts. */
import type { BuildFacts } from "../version.ts";

export function describeVersion(name: string, version: string): string {
  return `${name} ${version}`;
}

/** One line of JSON, the same fields in every build. */
export function describeBuild({ name, version, commit, bun, target }: BuildFacts): string {
  return JSON.stringify({ name, version, commit, bun, target });
}
