/** The Scoop manifest, for a bucket of our own. */
import { downloadUrl, product, type Release } from "./description.ts";
import { archiveName, programName, targets } from "./targets.ts";

/** `claude-code-proxy.json`. `$version` and `$baseurl` are Scoop's, for the versions after this one. */
export function writeManifest({ version, checksums }: Release): string {
  const builds = targets.filter(({ os }) => os === "windows");
  const byProcessor = <Entry>(describe: (build: (typeof builds)[number]) => Entry) =>
    Object.fromEntries(builds.map((build) => [build.arch === "x64" ? "64bit" : "arm64", describe(build)]));
  const manifest = {
    version,
    description: product.summary,
    homepage: `https://github.com/${product.repository}`,
    license: product.license,
    notes: [
      "Try it without an account: claude-code-proxy --demo",
      "For a backend, put OPENAI_API_KEY=sk-... into %APPDATA%\\claude-code-proxy\\.env",
    ],
    architecture: byProcessor((build) => ({
      url: downloadUrl(version, archiveName(build)),
      hash: checksums[build.name],
    })),
    bin: programName({ os: "windows" }),
    checkver: "github",
    autoupdate: {
      architecture: byProcessor((build) => ({ url: downloadUrl("$version", archiveName(build)) })),
      hash: { url: "$baseurl/checksums.txt" },
    },
  };
  return `${JSON.stringify(manifest, null, 4)}\n`;
}
