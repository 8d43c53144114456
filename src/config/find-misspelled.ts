/** Names that look like one of our variables, but are none: the key would go to the default backend. */
import { editDistance } from "../lib/suggest-word.ts";
import { findVariable, prefixOf, variables } from "./variables.ts";

/** Shorter names, such as `HOST`, resemble too many others. */
const minLength = 8;

/** One warning for each such name. */
export function findMisspelled(values: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const meant = value && !findVariable(name) ? findMeant(name) : undefined;
    return meant === undefined ? [] : [`${name} is not a variable of this proxy; did you mean ${meant}?`];
  });
}

function findMeant(name: string): string | undefined {
  const plain = plainName(name);
  return variables
    .filter((row) => prefixOf(row) === undefined && row.name.length >= minLength)
    .find((row) => editDistance(plain, plainName(row.name)) <= 1)?.name;
}

function plainName(name: string): string {
  return name.toUpperCase().replace(/[^A-Z\d]/g, "");
}
