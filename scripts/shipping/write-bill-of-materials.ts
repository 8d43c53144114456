/** What the programs are made of, in CycloneDX 1.6: the packages that are bundled, and the runtime around them. */
import { z } from "zod";
import { product } from "./description.ts";

const names = z.record(z.string(), z.string());

/** The parts of `bun.lock` that count. A package is its name and version, source, needs and digest. */
const lockSchema = z.object({
  workspaces: z.object({ "": z.object({ dependencies: names }) }),
  packages: z.record(
    z.string(),
    z.tuple([
      z.string().regex(/^.+@[^@]+$/),
      z.string(),
      z.object({ dependencies: names.default({}) }),
      z.string().startsWith("sha512-"),
    ]),
  ),
});

type Package = {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  /** SHA-512 of the package as published, in hex. */
  readonly digest: string;
  readonly needs: readonly Package[];
};

export type Ingredients = {
  readonly version: string;
  /** Text of `bun.lock`. */
  readonly lock: string;
  readonly bunVersion: string;
  /** SPDX identifier of a package's license, as the package states it. */
  readonly findLicense: (packageName: string) => string;
};

/**
 * Holds neither time nor serial number, so that the same release gives the same bytes.
 * @throws Error when the lock file is of a form we do not know
 */
export function writeBillOfMaterials({ version, lock, bunVersion, findLicense }: Ingredients): string {
  const direct = readBundled(lock);
  const all = [...new Map(direct.flatMap(withNeeds).map((each) => [each.url, each])).values()];
  const program = `pkg:github/${product.repository}@v${version}`;
  const runtime = `pkg:github/oven-sh/bun@bun-v${bunVersion}`;
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: describe("application", program, product.name, version, product.license) },
    components: [
      describe("platform", runtime, "bun", bunVersion, "MIT"),
      ...all.map(({ url, name, version, digest }) => ({
        ...describe("library", url, name, version, findLicense(name)),
        hashes: [{ alg: "SHA-512", content: digest }],
      })),
    ],
    dependencies: [
      { ref: program, dependsOn: [runtime, ...direct.map(({ url }) => url)] },
      { ref: runtime },
      ...all.map(({ url, needs }) => ({ ref: url, dependsOn: needs.map((need) => need.url) })),
    ],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function describe(type: string, url: string, name: string, version: string, license: string) {
  return { type, "bom-ref": url, name, version, licenses: [{ license: { id: license } }], purl: url };
}

/** The packages that ours needs when it runs, each with those that it needs in turn. */
function readBundled(lock: string): readonly Package[] {
  const { workspaces, packages } = lockSchema.parse(Bun.JSONC.parse(lock));
  /** The key of a nested package begins with the name of the package that contains it. */
  const read = (name: string, path: readonly string[]): Package => {
    const place = [[...path, name].join("/"), name].find((key) => key in packages);
    const row = packages[place ?? name];
    if (!row) throw new Error(`Cannot find ${name} in the lock file`);
    const [id, , { dependencies }, digest] = row;
    const at = id.lastIndexOf("@");
    const own = { name: id.slice(0, at), version: id.slice(at + 1) };
    return {
      ...own,
      url: `pkg:npm/${own.name.replace("@", "%40")}@${own.version}`,
      digest: Buffer.from(digest.slice("sha512-".length), "base64").toString("hex"),
      needs: Object.keys(dependencies).map((need) => read(need, place === name ? [name] : [...path, name])),
    };
  };
  return Object.keys(workspaces[""].dependencies).map((name) => read(name, []));
}

function withNeeds(each: Package): readonly Package[] {
  return [each, ...each.needs.flatMap(withNeeds)];
}
