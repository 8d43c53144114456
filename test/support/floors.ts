/**
 * The floors of `src`, top first. A file may import from its own floor and from any floor below it.
 * `src/README.md` shows the same list to people.
 */
export const floors: readonly (readonly string[])[] = [
  ["main.ts"],
  ["process/"],
  ["commands/"],
  ["server.ts"],
  ["routes/", "guard.ts", "cors.ts"],
  ["journey/"],
  ["upstream/"],
  ["plan/"],
  ["adapt/"],
  ["config/"],
  ["catalog/"],
  ["page/"],
  ["anthropic/", "telemetry/"],
  ["reply.ts", "errors.ts", "lib/", "version.ts"],
];

/** Rooms beside the floors: they import nothing from them. */
export const annexes: readonly string[] = ["demo/"];
