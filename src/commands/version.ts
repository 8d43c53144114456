/** `version`: one line, for people and scripts. */
export function describeVersion(name: string, version: string): string {
  return `${name} ${version}`;
}
