/** A packed file: the path to read it from, on disk or inside the compiled program. */
declare module "*.zst" {
  const path: string;
  export default path;
}
