/** A miniature release. */
import type { Release } from "../../scripts/shipping/description.ts";

/** Digests that contain the name of their target. */
export const exampleRelease: Release = {
  version: "1.2.3",
  checksums: {
    "linux-x64": "1".repeat(64),
    "linux-x64-baseline": "2".repeat(64),
    "linux-arm64": "3".repeat(64),
    "linux-x64-musl": "4".repeat(64),
    "linux-arm64-musl": "5".repeat(64),
    "darwin-x64": "6".repeat(64),
    "darwin-arm64": "7".repeat(64),
    "windows-x64": "8".repeat(64),
    "windows-arm64": "9".repeat(64),
  },
};
