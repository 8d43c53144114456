/** The format of a backend's file. */
import type { NativeApi } from "../native-apis.ts";
import type { ModelRule, QuirkChanges } from "../quirks.ts";

export type KnownBackend = {
  /** The value of `BACKEND_DIALECT`; also the name of its file, its folder of fixtures and its row in the tests. */
  readonly name: string;
  /** Matches the host of its address, including the port if there is one. */
  readonly hosts: readonly RegExp[];
  /** The port that it usually listens on, at any host: a guess, which what the server says of itself corrects. */
  readonly port?: number;
  /** What a server says of itself, by which it is known at any address. */
  readonly says?: {
    /** `owned_by` of each model in its list. */
    readonly ownedBy?: RegExp;
    /** The header `server` of that answer. */
    readonly server?: RegExp;
  };
  /** How it is told to load a model with a larger window: a flag or a variable, for people who run it themselves. */
  readonly contextSetting?: string;
  /**
   * The path of an API whose requests name a version in the query and a deployment in the path. An operator who sets
   * an API version means this backend, whatever its address.
   */
  readonly versionedPath?: string;
  /**
   * The differences from `commonQuirks`, each fact with its source. If none is named, it is the provider's API reference
   * and the types of its official SDK or AI-SDK package.
   */
  readonly quirks: QuirkChanges;
  /** Models that differ from the rest; if several rules match a name, the later one wins. */
  readonly models: readonly ModelRule[];
  /** What differs once more at its `/responses`. `quirks-for-responses.ts` has what every backend needs there. */
  readonly responses?: { readonly quirks: QuirkChanges; readonly models: readonly ModelRule[] };
  /** Its API in Anthropic's own format, if it has one. */
  readonly native?: NativeApi;
  /** The row in the README's table. */
  readonly readme: {
    /** The name that people know. */
    readonly title: string;
    /** A typical address. */
    readonly baseUrl: string;
    /** A model to try. Here and in the address, capitals are for the user to fill in. */
    readonly model: string;
  };
};
