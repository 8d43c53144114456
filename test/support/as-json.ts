/** The type of what `JSON.parse(JSON.stringify(value))` returns, as far as `toJSON` decides it. */
export type AsJson<Value> = Value extends { toJSON(): infer Json }
  ? Json
  : Value extends object
    ? { [Key in keyof Value]: AsJson<Value[Key]> }
    : Value;
