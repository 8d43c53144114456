/** The facts about a release that everything else is made from: recipes, installers, the bill of materials. */
import type { TargetName } from "./targets.ts";

/** Facts that do not change from release to release. Whoever moves the project changes them here. */
export const product = {
  name: "claude-code-proxy",
  summary: "Use Claude Code, or any Anthropic Messages client, with any OpenAI-compatible backend",
  license: "MIT",
  /** Owner and name on GitHub; the tap and the bucket belong to the same owner. */
  repository: "claude-code-proxy/claude-code-proxy",
  tap: "claude-code-proxy/homebrew-tap",
  bucket: "claude-code-proxy/scoop-bucket",
  /** For amd64 and arm64, tagged by version. */
  image: "ghcr.io/claude-code-proxy/claude-code-proxy",
} as const;

export type Release = {
  /** Without a `v`. */
  readonly version: string;
  /** SHA-256 of each archive, in hex. */
  readonly checksums: Readonly<Record<TargetName, string>>;
};

/** Where the files of a release are downloaded from. */
export function downloadUrl(version: string, file: string): string {
  return `https://github.com/${product.repository}/releases/download/v${version}/${file}`;
}
