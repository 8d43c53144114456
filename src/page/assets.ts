/** The parts of the page, as they were when the program was built. */
import { readAssets } from "./read-assets.ts" with { type: "macro" };

export const assets = readAssets();
