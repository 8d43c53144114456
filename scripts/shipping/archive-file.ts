/** A file to be packed, in any archive format. */
export type ArchiveFile = {
  /** Relative, with `/` between its parts, in ASCII. */
  readonly path: string;
  readonly contents: Uint8Array<ArrayBuffer>;
  /** Whether it is executable. */
  readonly executable?: true;
};
