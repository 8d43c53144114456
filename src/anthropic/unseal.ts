/** Results of Anthropic's server tools hold bytes and seals beside what a model can read. */

const sealedFields = new Set(["data", "encrypted_content", "encrypted_index", "encrypted_stdout"]);

/** What can be read of a value, as JSON text; a string is itself. */
export function unseal(value: unknown): string {
  if (typeof value === "string") return value;
  return (
    JSON.stringify(value, (field, inner: unknown) => (sealedFields.has(field) ? undefined : inner)) ?? ""
  );
}
