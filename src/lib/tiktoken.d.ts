/** A vocabulary file: the path to read it from, on disk or inside the compiled program. */
declare module "*.tiktoken" {
  const path: string;
  export default path;
}
