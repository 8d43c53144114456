/** What a flag does, for help and completions. */
import { findVariable } from "../config/variables.ts";
import { type FlagName, flags } from "./command-table.ts";

/** One line, with `code` marked as in Markdown. A flag that sets a variable says the same as the variable. */
export function describeFlag(name: FlagName): string {
  const flag = flags[name];
  return flag.variable === undefined ? flag.about : (findVariable(flag.variable)?.about ?? "");
}
