/** Finds the target that matches this machine. */
import { readFileSync } from "node:fs";
import { type Target, targets } from "./targets.ts";

/** @throws Error when releases are not built for this machine */
export function findNativeTarget(): Target {
  const { platform, arch } = process;
  const os = platform === "win32" ? "windows" : platform;
  const libc = os === "linux" ? findLibc() : undefined;
  const fits = (target: Target) => target.os === os && target.arch === arch && target.libc === libc;
  const isBaseline = os === "linux" && arch === "x64" && libc === "glibc" && !hasAvx2();
  const found = targets.find((target: Target) => fits(target) && (target.baseline ?? false) === isBaseline);
  if (!found) throw new Error(`There is no target for ${os} on ${arch}`);
  return found;
}

/** The report contains the version of the GNU C library, if that is in use. */
function findLibc(): "glibc" | "musl" {
  return JSON.stringify(process.report.getReport()).includes("glibcVersionRuntime") ? "glibc" : "musl";
}

function hasAvx2(): boolean {
  return /^flags\b.* avx2\b/m.test(readFileSync("/proc/cpuinfo", "utf8"));
}
