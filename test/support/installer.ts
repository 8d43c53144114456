/**
 * A machine to install on, made of a PATH that contains what it has and nothing else, and a server with the files of a
 * release: for every target a program that prints its version and its target.
 */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Release } from "../../scripts/shipping/description.ts";
import { archiveName, type TargetName, targets } from "../../scripts/shipping/targets.ts";
import { writeRecipes } from "../../scripts/shipping/write-recipes.ts";
import { exampleRelease } from "./release.ts";

export type Machine = {
  /** As printed by `uname -s` and `uname -m`. */
  readonly system?: string;
  readonly processor?: string;
  readonly musl?: boolean;
  readonly avx2?: boolean;
  readonly rosetta?: boolean;
  readonly tools?: readonly string[];
};

/** What every system has. */
const basics = "awk cat chmod gzip mkdir mktemp mv rm sh tar".split(" ");

/** dash, if there is one, because it supports little beyond POSIX. */
const shell = Bun.which("dash") ?? "/bin/sh";

/** Creates the directory of programs that is the machine's PATH. */
export function makeTools(directory: string, machine: Machine): void {
  const { system = "Linux", processor = "x86_64", musl = false, avx2 = true, rosetta = false } = machine;
  mkdirSync(directory, { recursive: true });
  for (const tool of [...basics, ...(machine.tools ?? ["curl", "sha256sum"])]) {
    const path = Bun.which(tool);
    if (path) symlinkSync(path, join(directory, tool));
  }
  const fakes = {
    uname: `if [ "$1" = -s ]; then echo ${system}; else echo ${processor}; fi`,
    getconf: musl ? "exit 1" : "echo glibc 2.36",
    ldd: musl ? "echo 'musl libc (x86_64)' >&2; exit 1" : "echo 'ldd (GNU libc) 2.36'",
    grep: avx2 ? "exit 0" : "exit 1",
    sysctl: `echo ${rosetta ? 1 : 0}`,
  };
  for (const [name, script] of Object.entries(fakes)) writeProgram(join(directory, name), script);
}

export function writeProgram(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

export type Asset = Uint8Array<ArrayBuffer> | Response;

export type ReleaseServer = {
  readonly url: string;
  /** The installer of this release, with the digests of these files. */
  readonly installer: string;
  readonly release: Release;
  /** By path, as `/v1.2.3/NAME`. */
  readonly assets: Map<string, Asset>;
  readonly requests: string[];
  archive(name: TargetName): Uint8Array<ArrayBuffer>;
  stop(): Promise<void>;
};

/** Serves the release 1.2.3 on loopback. `program` is the shell script that plays the program of a target. */
export async function serveRelease(
  program: (name: TargetName) => string = (name) => `echo claude-code-proxy 1.2.3 ${name}`,
): Promise<ReleaseServer> {
  const archives = new Map(targets.map(({ name }) => [name, pack(program(name))]));
  const archive = (name: TargetName) => archives.get(name) ?? new Uint8Array();
  const digests = targets.map(({ name }) => [
    name,
    new Bun.CryptoHasher("sha256").update(archive(name)).digest("hex"),
  ]);
  const checksums = { ...exampleRelease.checksums, ...Object.fromEntries(digests) };
  const release: Release = { version: "1.2.3", checksums };
  const installer = writeRecipes(release)["install.sh"] ?? "";
  const assets = new Map<string, Asset>(
    targets.map((target) => [`/v1.2.3/${archiveName(target)}`, archive(target.name)]),
  );
  const requests: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const { pathname } = new URL(request.url);
      requests.push(pathname);
      const asset = assets.get(pathname);
      if (asset === undefined) return new Response("Not Found", { status: 404 });
      return asset instanceof Response ? asset : new Response(asset);
    },
  });
  const url = `http://127.0.0.1:${server.port}`;
  return { url, installer, release, assets, requests, archive, stop: () => server.stop(true) };
}

/** A .tar.gz as in a release. */
export function pack(program: string): Uint8Array<ArrayBuffer> {
  const directory = mkdtempSync(join(tmpdir(), "pack-"));
  try {
    writeProgram(join(directory, "claude-code-proxy"), program);
    writeFileSync(join(directory, "LICENSE"), "");
    const { stdout } = Bun.spawnSync(["tar", "-czf", "-", "-C", directory, ...readdirSync(directory)]);
    return new Uint8Array(stdout);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export type Installation = { readonly code: number; readonly out: string; readonly err: string };

/** Runs an installer, as `curl … | sh` does. */
export async function runInstaller(script: string, env: Record<string, string>): Promise<Installation> {
  const child = Bun.spawn([shell], { env, stdin: new Blob([script]), stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out, err };
}
