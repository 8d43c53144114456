/** Name and version, as the package states them; bundled into the binary. */
import manifest from "../package.json" with { type: "json" };

export const { name, version } = manifest;
