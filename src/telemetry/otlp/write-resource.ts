/** Who tells it: the part that traces and metrics have in common. */

/** A value as OTLP writes it; whole numbers of 64 bits are text. */
type Value =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly boolValue: boolean }
  | { readonly arrayValue: { readonly values: readonly Value[] } };

type Attribute = { readonly key: string; readonly value: Value };

type Plain = string | number | boolean | readonly string[];

/** Without those that are undefined, empty, or no number. */
export function writeAttributes(values: Readonly<Record<string, Plain | undefined>>): Attribute[] {
  return Object.entries(values).flatMap(([key, plain]) => {
    if (plain === undefined || plain === "" || Number.isNaN(plain)) return [];
    return [{ key, value: writeValue(plain) }];
  });
}

function writeValue(plain: Plain): Value {
  if (typeof plain === "string") return { stringValue: plain.toWellFormed() };
  if (typeof plain === "boolean") return { boolValue: plain };
  if (typeof plain === "number")
    return Number.isSafeInteger(plain) ? { intValue: String(plain) } : { doubleValue: plain };
  return { arrayValue: { values: plain.map((text) => writeValue(text)) } };
}

export type TelemetrySource = {
  readonly serviceName: string;
  readonly version: string;
  /** Of this process: several may tell the same collector. */
  readonly instanceId: string;
};

export function writeSource({ serviceName, version, instanceId }: TelemetrySource) {
  return {
    resource: {
      attributes: writeAttributes({
        "service.name": serviceName,
        "service.version": version,
        "service.instance.id": instanceId,
      }),
    },
    scope: { name: "claude-code-proxy", version },
  };
}

/** @param ms Unix time */
export function writeTime(ms: number): string {
  return (BigInt(Math.round(ms * 1000)) * 1000n).toString();
}
