/**
 * Reads what the page consists of. Runs as a macro, when the program is built or its sources are loaded, so that the
 * program has the page in itself. Browsers get each module as it is, without its types.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

type Asset = { readonly type: string; readonly text: string };

const javascript = "text/javascript; charset=utf-8";

/** Name → asset. */
export function readAssets(): Record<string, Asset> {
  const room = join(import.meta.dir, "browser");
  const assets: Record<string, Asset> = {};
  const compiler = new Bun.Transpiler({ loader: "ts", target: "browser", minifyWhitespace: true });
  for (const name of readdirSync(room).sort()) {
    const text = readFileSync(join(room, name), "utf8");
    if (name.endsWith(".css")) assets[name] = { type: "text/css; charset=utf-8", text };
    else if (name.endsWith(".ts") && !name.endsWith(".d.ts"))
      assets[name] = { type: javascript, text: compiler.transformSync(text) };
  }
  const uplot = join(import.meta.dir, "../../node_modules/uplot");
  const library = readFileSync(join(uplot, "dist/uPlot.esm.js"), "utf8");
  const license = readFileSync(join(uplot, "LICENSE"), "utf8").trim();
  const script = new Bun.Transpiler({ loader: "js", target: "browser", minifyWhitespace: true });
  assets["uplot.js"] = { type: javascript, text: `/*\n${license}\n*/\n${script.transformSync(library)}` };
  const styles = readFileSync(join(uplot, "dist/uPlot.min.css"), "utf8");
  assets["uplot.css"] = { type: "text/css; charset=utf-8", text: styles };
  return assets;
}
