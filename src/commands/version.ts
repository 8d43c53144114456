/** `version`: one line, for people and scripts. */

export type Build = {
  readonly name: string;
  readonly version: string;
  /** Undefined where the sources run. */
  readonly commit: string | undefined;
  /** The version of Bun. */
  readonly bun: string;
  /** System and processor, as in the names of the releases. */
  readonly target: string;
};

export function describeVersion(name: string, version: string): string {
  return `${name} ${version}`;
}

/** One line of JSON, the same fields in every build. */
export function describeBuild({ name, version, commit, bun, target }: Build): string {
  return JSON.stringify({ name, version, commit: commit ?? null, bun, target });
}
