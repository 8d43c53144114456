/**
 * Packs the character maps and standard fonts of pdf.js, which `unpdf` leaves out, into `src/lib/pdf-files/`. Run it
 * again after an update of `unpdf`: it takes the version of pdf.js that is in there. The same version gives the same
 * bytes.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getResolvedPDFJS } from "unpdf";
import { packFiles } from "../src/lib/pdf-files/pack-files.ts";
import { runScript } from "./shipping/run-script.ts";

const target = join(import.meta.dir, "../src/lib/pdf-files");

async function main(): Promise<void> {
  const { version } = await getResolvedPDFJS();
  const scratch = mkdtempSync(join(tmpdir(), "pdf-files-"));
  try {
    await Bun.write(join(scratch, "package.json"), "{}");
    const install = Bun.spawnSync(
      [process.execPath, "add", "--omit", "optional", "--ignore-scripts", `pdfjs-dist@${version}`],
      { cwd: scratch, stdout: "ignore", stderr: "inherit" },
    );
    if (!install.success) throw new Error(`Cannot install pdfjs-dist ${version}`);
    await write(join(scratch, "node_modules/pdfjs-dist"));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

async function write(pdfjs: string): Promise<void> {
  const files = new Map<string, Uint8Array>();
  const licenses: string[] = [];
  for (const folder of ["cmaps", "standard_fonts"]) {
    for (const name of readdirSync(join(pdfjs, folder)).sort()) {
      const bytes = readFileSync(join(pdfjs, folder, name));
      if (name.startsWith("LICENSE")) licenses.push(`${folder}/${name}\n\n${bytes.toString().trim()}\n`);
      else files.set(name, bytes);
    }
  }
  mkdirSync(target, { recursive: true });
  const packed = packFiles(files);
  await Bun.write(join(target, "pdf-files.zst"), packed);
  await Bun.write(join(target, "LICENSES.txt"), licenses.join(`\n${"=".repeat(80)}\n\n`));
  console.log(`${files.size} files, ${(packed.length / 1e6).toFixed(2)} MB`);
}

await runScript(main);
