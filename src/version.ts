/** The program's version and origin, bundled into the binary. */
import manifest from "../package.json" with { type: "json" };

// The build replaces these names with texts; when running from source, they do not exist.
declare const BUILD_COMMIT: string | undefined;
declare const BUILD_TARGET: string | undefined;

export const { name, version } = manifest;

/** Who asks, for a backend's logs: RFC 9110, section 10.1.5. */
export const userAgent = `${name}/${version}`;

export type BuildFacts = {
  readonly name: string;
  readonly version: string;
  /** Full hash, followed by `-dirty` if files had changed since; "unknown" when running from source. */
  readonly commit: string;
  /** A name of `scripts/shipping/targets.ts`; "source" when running from source. */
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
