/** The installers: the scripts in `templates/`, with the facts of one release in them. */
import { readFileSync } from "node:fs";
import { product, type Release } from "./description.ts";
import { archiveName, targets } from "./targets.ts";

/** `install.sh`, for Linux and macOS. */
export function writeShellInstaller(release: Release): string {
  return fillTemplate("install.sh", release);
}

/** `install.ps1`, for Windows. */
export function writePowerShellInstaller(release: Release): string {
  return fillTemplate("install.ps1", release);
}

function fillTemplate(name: string, release: Release): string {
  const facts: Readonly<Record<string, string>> = {
    VERSION: release.version,
    REPOSITORY: product.repository,
    CHECKSUMS: describeChecksums(release),
  };
  const template = readFileSync(new URL(`templates/${name}`, import.meta.url), "utf8");
  return template.replace(/@([A-Z]+)@/g, (mark, fact) => facts[fact] ?? mark);
}

/** The archives' lines of `checksums.txt`, so that both are read in the same way. */
function describeChecksums({ checksums }: Release): string {
  return targets.map((target) => `${checksums[target.name]}  ${archiveName(target)}`).join("\n");
}
