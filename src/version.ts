/** What this program is, and where it came from; bundled into the binary. */
import manifest from "../package.json" with { type: "json" };

// The build puts texts in the place of these names; when the sources run, they do not exist.
declare const BUILD_COMMIT: string | undefined;
declare const BUILD_TARGET: string | undefined;

export const { name, version } = manifest;

export type BuildFacts = {
  readonly name: string;
  readonly version: string;
  /** Full hash, with `-dirty` behind it when files had changed since; "unknown" when the sources run. */
  readonly commit: string;
  /** A name of `scripts/shipping/targets.ts`; "source" when the sources run. */
  readonly target: string;
  /** Version of the runtime. */
  readonly bun: string;
};

export const build: BuildFacts = {
  name,
  version,
  commit: typeof BUILD_COMMIT === "undefined" ? "unknown" : BUILD_COMMIT,
  target: typeof BUILD_TARGET === "undefined" ? "source" : BUILD_TARGET,
  bun: Bun.version,
};
