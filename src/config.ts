/**
 * What the operator decided: flags, environment and one `.env` file, read once into a frozen `Config`. Every bad
 * value is reported at once. Only commands, server, guard, routes and plan may look at it.
 */
import type { LogLevel } from "./telemetry/log.ts";

export type Config = {
  readonly backend: {
    readonly apiKey: string;
    readonly baseUrl: string;
    readonly azureApiVersion: string | undefined;
    /** Header name → value, from `CUSTOM_HEADER_*`. */
    readonly customHeaders: Readonly<Record<string, string>>;
    /** Longest silence of the backend, seconds. */
    readonly requestTimeout: number;
  };
  readonly models: { readonly big: string; readonly middle: string; readonly small: string };
  readonly limits: { readonly maxTokens: number; readonly minTokens: number };
  readonly server: {
    readonly host: string;
    readonly port: number;
    /** The key clients must send; undefined lets everyone in. */
    readonly clientKey: string | undefined;
    /** Web origins that may call the proxy from a browser; none by default. */
    readonly allowedOrigins: readonly string[];
  };
  readonly logLevel: LogLevel;
  readonly compression: { readonly mode: "none" | "compact" | "summarize"; readonly maxSystemTokens: number };
  /** The `.env` file that was read, for the banner. */
  readonly envFile: string | undefined;
};
