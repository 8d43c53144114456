/** Makes an object when it is first asked for. Then it lets go of `make`, and of what that holds. */
export function once<Value extends object>(make: () => Value): () => Value {
  let state: { readonly make: () => Value } | { readonly made: Value } = { make };
  return () => {
    if ("made" in state) return state.made;
    const made = state.make();
    state = { made };
    return made;
  };
}
