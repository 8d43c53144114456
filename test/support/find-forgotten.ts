/** What a backend lacks. It is complete with its file, its place in the list, its fixtures, its row and the README's. */
import type { BackendRow } from "./backend-rows.ts";

export type Repository = {
  /** Paths of all files. */
  readonly files: ReadonlySet<string>;
  readonly backends: readonly string[];
  readonly rows: Readonly<Record<string, BackendRow>>;
  /** The values of `BACKEND_DIALECT` in the README's table. */
  readonly documented: readonly string[];
};

const source = /^src\/catalog\/backends\/(?!known-backends?\.ts$)(.*)\.ts$/;
const fixture = /^test\/fixtures\/openai-chat\/([^/]+)\//;

/** A sentence for each thing that is missing, of every backend that has a file, fixtures, a row or a place in the list. */
export function findForgotten(repository: Repository): string[] {
  const { files, backends, rows } = repository;
  const named = [...files].flatMap((file) => (source.exec(file) ?? fixture.exec(file))?.slice(1) ?? []);
  const all = new Set([...backends, ...named, ...Object.keys(rows)]);
  return [...all].flatMap((name) => findMissing(name, repository).map((missing) => `${name}: ${missing}`));
}

function findMissing(name: string, { files, backends, rows, documented }: Repository): string[] {
  const row = rows[name];
  const fixtures = `test/fixtures/openai-chat/${name}/`;
  const needed = [
    `src/catalog/backends/${name}.ts`,
    `${fixtures}expected.ts`,
    ...(row ? [row.text, row.call, row.error[0]].map((file) => fixtures + file) : []),
  ];
  return [
    ...needed.filter((file) => !files.has(file)).map((file) => `there is no ${file}`),
    ...(backends.includes(name) ? [] : ["it is not in the list of src/catalog/backends/known-backends.ts"]),
    ...(row ? [] : ["it has no row in test/support/backend-rows.ts"]),
    ...(documented.includes(name) ? [] : ["it is not in README.md; run ./scripts/write-readme"]),
  ];
}
