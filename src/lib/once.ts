/** Makes an object when it is first needed. Afterwards it no longer refers to `make`, nor to what that closes over. */
export function once<Value extends object>(make: () => Value): () => Value {
  let state: { readonly make: () => Value } | { readonly made: Value } = { make };
  return () => {
    if ("made" in state) return state.made;
    const made = state.make();
    state = { made };
    return made;
  };
}
