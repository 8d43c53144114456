/** What `init` asks, in order. What it needs of the world is handed to it. */
import { knownBackends } from "../../catalog/backends/known-backends.ts";
import { chooseQuirks } from "../../catalog/choose-quirks.ts";
import type { ModelFacts } from "../../catalog/models.ts";
import { baseUrlRule, isBaseUrl } from "../../config/formats.ts";
import { findNearest } from "../../lib/suggest-word.ts";
import { chooseListed } from "../../plan/fill-tiers.ts";
import { findLikelyAddress } from "../../plan/find-likely-address.ts";
import { suggestSmall } from "../../plan/suggest-small.ts";
import { UsageError } from "../read-arguments.ts";

export type InitChoice = {
  /** A value of `BACKEND_DIALECT`. */
  readonly backend: string | undefined;
  readonly baseUrl: string | undefined;
  readonly key: string | undefined;
  readonly big: string | undefined;
  readonly middle: string | undefined;
  readonly small: string | undefined;
  /** Replace an existing file. */
  readonly force: boolean;
};

export type InitWorld = {
  /** Undefined if nobody can be asked. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** As `ask`, without showing what is typed. */
  readonly askHidden: ((question: string) => Promise<string>) | undefined;
  readonly print: (line: string) => void;
  /** Where the file goes. */
  readonly path: string;
  readonly exists: boolean;
  /** The backend's models, or why there is no list. */
  readonly listModels: (settings: Answers) => Promise<readonly ModelFacts[] | ListFault>;
  /** Tries a message with the big model. @returns what is wrong, or undefined */
  readonly tryOut: (settings: Answers) => Promise<string | undefined>;
  readonly write: (text: string) => void;
  /** What the user types to start the program. */
  readonly program: string;
};

export type Answers = Readonly<Record<string, string>>;

/** Why there is no list of models. */
type ListFault = { readonly message: string; readonly refusesKey: boolean };

/** @returns whether the file was written */
export async function askSettings(choice: InitChoice, world: InitWorld): Promise<boolean> {
  const { print, path } = world;
  if (world.exists && !choice.force && !(await confirm(world, `${path} exists. Replace it? [y/N] `))) {
    print(`Nothing was changed: ${path} exists; --force replaces it`);
    return false;
  }
  const { backend, given } = await chooseBackend(choice, world);
  const baseUrl = given ?? (await chooseAddress(world, backend.readme.baseUrl));
  const key = choice.key ?? (await askKey(world, isLocal(baseUrl)));
  const { address, ...listed } = await findModels(choice, world, {
    OPENAI_API_KEY: key,
    OPENAI_BASE_URL: baseUrl,
    ...(needsName(backend.name, baseUrl) && { BACKEND_DIALECT: backend.name }),
  });
  const settings = { ...address, ...(await chooseModels(choice, world, listed, backend.readme.model)) };
  const problem = await world.tryOut(settings);
  print(problem === undefined ? "It works: the model has answered." : `It does not work yet: ${problem}`);
  if (problem !== undefined && !choice.force && !(await confirm(world, "Write it anyway? [y/N] "))) {
    print("Nothing was written; --force writes what does not work yet");
    return false;
  }
  world.write(writeEnvFile(settings));
  print(`Wrote ${path}`);
  print(
    problem === undefined ? `Start: ${world.program} run -- claude` : `Find out why: ${world.program} doctor`,
  );
  return true;
}

type ChosenBackend = {
  readonly backend: (typeof knownBackends)[number];
  /** Its address, if that was given as well. */
  readonly given?: string | undefined;
};

async function chooseBackend(
  { backend, baseUrl }: InitChoice,
  { ask, print }: InitWorld,
): Promise<ChosenBackend> {
  const named = findBackend(backend ?? "generic");
  if (!named) {
    const names = knownBackends.map(({ name }) => name).join(", ");
    throw new UsageError(`There is no backend ${backend}; choose one of ${names}`);
  }
  if (baseUrl !== undefined && !isBaseUrl(baseUrl))
    throw new UsageError(`Cannot use --base-url: it ${baseUrlRule}`);
  if (backend !== undefined || baseUrl !== undefined) return { backend: named, given: baseUrl };
  if (!ask)
    throw new UsageError(
      "Cannot ask: stdin is not a terminal; give --backend or --base-url, and --api-key-stdin",
    );
  const width = Math.max(...knownBackends.map(({ readme }) => readme.title.length));
  for (const [index, { readme }] of knownBackends.entries())
    print(`${String(index + 1).padStart(3)}  ${readme.title.padEnd(width)}  ${readme.baseUrl}`);
  for (;;) {
    const word = (await ask("Backend, by number, name or address: ")).trim();
    if (isBaseUrl(word)) return { backend: findBackend(nameAt(word)) ?? named, given: word };
    const found = knownBackends[Number(word) - 1] ?? findBackend(word);
    if (found) return { backend: found };
    if (word !== "") print(describeUnknown(word));
  }
}

/** By its name, or by its title or a word that is in no other title, such as `kimi`. */
function findBackend(name: string): ChosenBackend["backend"] | undefined {
  const word = name.toLowerCase();
  const titled = knownBackends.filter(({ readme }) =>
    readme.title
      .toLowerCase()
      .split(/[^\w.]+/)
      .includes(word),
  );
  return (
    knownBackends.find(({ name, readme }) => name === word || readme.title.toLowerCase() === word) ??
    (titled.length === 1 ? titled[0] : undefined)
  );
}

function describeUnknown(word: string): string {
  if (/[:/]/.test(word)) return `${word} is not an address: it ${baseUrlRule}`;
  const names = knownBackends.map(({ name }) => name);
  const meant = findNearest(word.toLowerCase(), names);
  return `There is no backend ${word}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
}

/** Capitals are for the user to fill in, and a local server may have another port. */
async function chooseAddress({ ask, print }: InitWorld, usual: string): Promise<string> {
  const hasBlank = /[A-Z]{3,}/.test(usual);
  if (!ask && hasBlank) throw new UsageError(`Cannot guess the address: give --base-url, as in ${usual}`);
  if (!ask || !(hasBlank || isLocal(usual))) return usual;
  for (;;) {
    const given = (await ask(`Address [${usual}]: `)).trim() || usual;
    if (isBaseUrl(given) && !(hasBlank && given === usual)) return given;
    print(`Give the address of your server: it ${baseUrlRule}`);
  }
}

async function askKey({ ask, askHidden }: InitWorld, isLocal: boolean): Promise<string> {
  if (!ask || !askHidden) {
    if (isLocal) return "local";
    throw new UsageError("Cannot ask for the key: stdin is not a terminal; add --api-key-stdin");
  }
  for (;;) {
    const key = (await askHidden(`API key${isLocal ? " [local]" : ""}, not shown: `)).trim();
    if (key !== "") return key;
    if (isLocal) return "local";
  }
}

/** A key in place of one that is refused. @returns undefined to keep it: some backends refuse it only the list */
async function askAnotherKey(
  { key }: InitChoice,
  { askHidden, print }: InitWorld,
): Promise<string | undefined> {
  if (!askHidden || key !== undefined) return undefined;
  print("The backend refuses the key");
  return (await askHidden("Another API key, not shown, or nothing to keep it: ")).trim() || undefined;
}

type ListedAt = {
  readonly address: Answers;
  readonly models: readonly ModelFacts[];
  /** Why there is no list. */
  readonly fault?: string;
};

/** The backend's models, and where they are: maybe at the address that was probably meant. */
async function findModels(choice: InitChoice, world: InitWorld, given: Answers): Promise<ListedAt> {
  const likely = findLikelyAddress(given.OPENAI_BASE_URL ?? "");
  let fault: string | undefined;
  for (const address of likely === undefined ? [given] : [given, { ...given, OPENAI_BASE_URL: likely }]) {
    const listed = await world.listModels(address);
    if (!("message" in listed)) {
      if (address !== given) world.print(`The address is ${likely}: the backend lists its models there`);
      return { address, models: listed };
    }
    const key = listed.refusesKey ? await askAnotherKey(choice, world) : undefined;
    if (key !== undefined) return await findModels(choice, world, { ...address, OPENAI_API_KEY: key });
    fault ??= listed.message;
  }
  world.print(`The backend does not list its models: ${fault}`);
  return { address: given, models: [], ...(fault !== undefined && { fault }) };
}

async function chooseModels(
  { big, middle, small }: InitChoice,
  world: InitWorld,
  { models, fault }: Omit<ListedAt, "address">,
  suggested: string,
): Promise<Answers> {
  const choose = async (given: string | undefined, about: string, otherwise: string | undefined) => {
    if (given !== undefined) return given;
    if (!world.ask) {
      if (otherwise !== undefined) return otherwise;
      if (fault === undefined)
        throw new UsageError("Cannot choose a model: the backend lists none; give --model");
      // Only the cause: its own advice names variables that are not set yet.
      const [reason = ""] = fault.replace(/^Cannot [^:]*: /, "").split("; ");
      throw new UsageError(
        `Cannot choose a model: ${reason}; check the key and the address, or give --model`,
      );
    }
    for (;;) {
      const shown = otherwise === undefined ? "" : ` [${otherwise}]`;
      const name = (await world.ask(`Model for ${about}${shown}: `)).trim() || otherwise;
      if (name === undefined) {
        world.print("There is no model to suggest; type the name of one");
        continue;
      }
      if (name === otherwise || models.length === 0 || models.some(({ id }) => id === name)) return name;
      world.print(`The backend does not list ${name}`);
      if (await confirm(world, "Use it anyway? [y/N] ")) return name;
    }
  };
  const first = await choose(big, "opus", chooseListed(models, suggested)?.id);
  const second = await choose(middle, "sonnet", first);
  const third = await choose(small, "haiku and background tasks", suggestSmall(first, models) ?? second);
  return { BIG_MODEL: first, MIDDLE_MODEL: second, SMALL_MODEL: third };
}

async function confirm({ ask }: InitWorld, question: string): Promise<boolean> {
  return ask !== undefined && /^y(es)?$/i.test((await ask(question)).trim());
}

/** Whether the address alone does not say which backend this is. */
function needsName(name: string, baseUrl: string): boolean {
  return name !== "generic" && nameAt(baseUrl) !== name;
}

/** The backend that an address is known to be. */
function nameAt(baseUrl: string): string {
  return chooseQuirks({ baseUrl, hasApiVersion: false, name: undefined }).name;
}

function isLocal(address: string): boolean {
  return /^http:\/\/(?:localhost|127\.|\[::1\])/.test(address);
}

/** @throws UsageError for a value that no line of the file can hold */
export function writeEnvFile(settings: Answers): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${quote(name, value)}\n`)
    .join("");
}

function quote(name: string, value: string): string {
  if (/^[\w.:/@+~-]*$/.test(value)) return value;
  const mark = ["'", '"', "`"].find((one) => !value.includes(one));
  if (mark === undefined || /\p{Cc}/u.test(value))
    throw new UsageError(`${name} cannot be written into a file`);
  return mark + value + mark;
}
