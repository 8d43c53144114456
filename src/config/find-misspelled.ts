/** Names that look like one of our variables, but are none: the key would go to the default backend. */
import { isNearly, isTransposed } from "../lib/suggest-word.ts";
import { findVariable, prefixOf, variables } from "./variables.ts";

/** Shorter names, such as `HOST`, resemble too many others. */
const minLength = 8;

/** One warning for each such name. */
export function findMisspelled(values: Readonly<Record<string, string | undefined>>): string[] {
  const ours = variables
    .filter((row) => prefixOf(row) === undefined && row.name.length >= minLength)
    .map(({ name }) => ({ name, plain: plainName(name) }));
  return Object.entries(values).flatMap(([name, value]) => {
    if (!value || findVariable(name)) return [];
    const given = plainName(name);
    const meant = ours.find(({ plain }) => isNearly(given, plain) || isTransposed(given, plain))?.name;
    return meant === undefined ? [] : [`${name} is not a variable of this proxy; did you mean ${meant}?`];
  });
}

function plainName(name: string): string {
  return name.toUpperCase().replace(/[^A-Z\d]/g, "");
}
