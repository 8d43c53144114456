/** The machines that a release is built for: one table for the build, the archives, the installers and the recipes. */

export type Target = {
  /** Names the archive: `claude-code-proxy-<name>.tar.gz`. */
  readonly name: string;
  /** What `bun build --target` calls it. */
  readonly bun: Bun.Build.CompileTarget;
  readonly os: "linux" | "darwin" | "windows";
  readonly arch: "x64" | "arm64";
  /** The C library, if the system has two. */
  readonly libc?: "glibc" | "musl";
  /** For processors without AVX2. */
  readonly baseline?: true;
};

export const targets = [
  { name: "linux-x64", bun: "bun-linux-x64", os: "linux", arch: "x64", libc: "glibc" },
  {
    name: "linux-x64-baseline",
    bun: "bun-linux-x64-baseline",
    os: "linux",
    arch: "x64",
    libc: "glibc",
    baseline: true,
  },
  { name: "linux-arm64", bun: "bun-linux-arm64", os: "linux", arch: "arm64", libc: "glibc" },
  { name: "linux-x64-musl", bun: "bun-linux-x64-musl", os: "linux", arch: "x64", libc: "musl" },
  { name: "linux-arm64-musl", bun: "bun-linux-arm64-musl", os: "linux", arch: "arm64", libc: "musl" },
  { name: "darwin-x64", bun: "bun-darwin-x64", os: "darwin", arch: "x64" },
  { name: "darwin-arm64", bun: "bun-darwin-arm64", os: "darwin", arch: "arm64" },
  { name: "windows-x64", bun: "bun-windows-x64", os: "windows", arch: "x64" },
  { name: "windows-arm64", bun: "bun-windows-arm64", os: "windows", arch: "arm64" },
] as const satisfies readonly Target[];

export type TargetName = (typeof targets)[number]["name"];

/** The archive of a target, as users download it. */
export function archiveName({ name, os }: Pick<Target, "name" | "os">): string {
  return `claude-code-proxy-${name}.${os === "windows" ? "zip" : "tar.gz"}`;
}

/** The program inside the archive. */
export function programName({ os }: Pick<Target, "os">): string {
  return os === "windows" ? "claude-code-proxy.exe" : "claude-code-proxy";
}
