/** A file to be packed, whatever the form of the archive. */
export type ArchiveFile = {
  /** Relative, with `/` between its parts, in ASCII. */
  readonly path: string;
  readonly contents: Uint8Array<ArrayBuffer>;
  /** It is a program. */
  readonly executable?: true;
};
