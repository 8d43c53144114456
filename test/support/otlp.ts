/** Reads OTLP with the protobuf definitions of OpenTelemetry: what they do not know does not survive. */
import root from "@opentelemetry/otlp-transformer/build/src/generated/root.js";
import { z } from "zod";

type MessageType = {
  verify(message: object): string | null;
  fromObject(plain: object): object;
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): Record<string, unknown>;
};

const typeSchema = z.custom<MessageType>((value) => typeof value === "function");
const paths = {
  traces: "opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest",
  metrics: "opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest",
} as const;

/** OTLP's JSON as protobuf and back. @throws Error for what the definitions do not allow */
export function throughProtobuf(signal: keyof typeof paths, json: object): Record<string, unknown> {
  const found = paths[signal]
    .split(".")
    .reduce<object>((place, name) => Object(Reflect.get(place, name)), root);
  const type = typeSchema.parse(found);
  const message = type.fromObject(mapIds(json, (hex) => Buffer.from(hex, "hex").toString("base64")));
  const problem = type.verify(message);
  if (problem !== null) throw new Error(`${signal}: ${problem}`);
  const bytes = type.encode(message).finish();
  const plain = type.toObject(type.decode(bytes), { longs: String, enums: Number, bytes: String });
  return mapIds(plain, (base64) => Buffer.from(base64, "base64").toString("hex"));
}

/** OTLP writes ids in hexadecimal digits, unlike all other JSON of protobuf. */
function mapIds<Value extends object>(value: Value, change: (id: string) => string): Value {
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) =>
    /^(?:traceId|spanId|parentSpanId)$/.test(key) && typeof inner === "string" ? change(inner) : inner,
  );
}
