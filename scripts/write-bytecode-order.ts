/**
 * Records which functions of the program a start and the first messages use. Every build then puts them side by side,
 * so that the others stay on disk. A record of older sources is still good for what has not changed since.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildProgram, bytecodeOrderFile } from "./shipping/build-program.ts";
import { findNativeTarget } from "./shipping/find-native-target.ts";
import { recordBytecodeOrder } from "./shipping/record-bytecode-order.ts";
import { runScript } from "./shipping/run-script.ts";

const root = join(import.meta.dir, "..");

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "bytecode-order-"));
  try {
    const { path } = await buildProgram({ root, target: findNativeTarget(), commit: "unknown", directory });
    const lines = await recordBytecodeOrder(path, directory);
    await Bun.write(bytecodeOrderFile, `${lines.join("\n")}\n`);
    console.log(`${lines.length - 1} lines`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

await runScript(main);
