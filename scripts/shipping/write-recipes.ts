/** Everything that users install a release with, except the archives themselves. */
import type { Release } from "./description.ts";
import { writeFormula } from "./write-formula.ts";
import { writePowerShellInstaller, writeShellInstaller } from "./write-installer.ts";
import { writeManifest } from "./write-manifest.ts";

/** Texts by file name. The same release gives the same bytes. */
export function writeRecipes(release: Release): Readonly<Record<string, string>> {
  return {
    "claude-code-proxy.rb": writeFormula(release),
    "claude-code-proxy.json": writeManifest(release),
    "install.sh": writeShellInstaller(release),
    "install.ps1": writePowerShellInstaller(release),
  };
}
