/** A packed vocabulary: the path to read it from, on disk or inside the compiled program. */
declare module "*.bin" {
  const path: string;
  export default path;
}
