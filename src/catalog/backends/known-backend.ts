/** The shape of a backend's file. */
import type { ModelRule, QuirkChanges } from "../quirks.ts";

export type KnownBackend = {
  /** The value of `BACKEND_DIALECT`; its file, its folder of fixtures and its row in the tests have this name too. */
  readonly name: string;
  /** Match the host of its address, with the port where the address has one. */
  readonly hosts: readonly RegExp[];
  /** Whether an operator who sets an API version means this backend, whatever its address. */
  readonly takesApiVersion?: true;
  /**
   * What differs from `careful`, each fact with its source. Where none is named, it is the provider's API reference
   * and the types of its official SDK or AI-SDK package.
   */
  readonly quirks: QuirkChanges;
  /** Models that differ from the rest; where several rules match a name, the later one wins. */
  readonly models: readonly ModelRule[];
  /** The row of the README's table. */
  readonly readme: {
    /** The name that people know it by. */
    readonly title: string;
    /** A usual address; undefined where there is none. */
    readonly baseUrl: string | undefined;
    /** A model to try, or words on what to name. */
    readonly model: string;
  };
};
