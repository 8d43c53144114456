/** Whether usage can be kept where `USAGE_DB` says. Writes nothing: there is no file before the first message. */
import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { describeSystemError } from "../../lib/describe-system-error.ts";
import { bad, type Finding, good } from "./finding.ts";

export function checkUsage(path: string): Finding {
  const problem = findProblem(path);
  return problem === undefined
    ? good("usage", `messages can be kept in ${path}`)
    : bad("usage", `USAGE_DB: messages cannot be kept in ${path}: ${problem}`, "name another file");
}

/** What can be seen without opening it; the rest is told with the first message. */
function findProblem(path: string): string | undefined {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return "it is a directory";
    const found = findExisting(path);
    accessSync(found, constants.W_OK);
    // Directories on the way are made, and the database has files beside it.
    return found === path || statSync(found).isDirectory() ? undefined : `${found} is not a directory`;
  } catch (thrown) {
    return describeSystemError(thrown);
  }
}

/** The path itself, or the nearest directory above it that there is. */
function findExisting(path: string): string {
  const above = dirname(path);
  return above === path || statSync(path, { throwIfNoEntry: false }) ? path : findExisting(above);
}
