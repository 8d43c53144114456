/** The answer of a backend: its bytes, each read bounded in time, and all of them in size. */
import { ProxyError } from "../../errors.ts";
import { letOthersRun } from "../../lib/let-others-run.ts";
import { decodeBody } from "./decode-body.ts";
import { isClosed } from "./find-connection-fault.ts";
import type { OpenLine } from "./hold-line.ts";

/** Far more than any model can say, even one token a chunk. */
const maxAnswerBytes = 512 * 1024 * 1024;

/** Largest body that is read as a whole if its length is known, bytes. */
const maxSmall = 64 * 1024;

/** How long the end of a body may take after its last event, ms. */
const lastBytesMs = 1000;

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  /**
   * The next bytes, or undefined at the end.
   * @throws ProxyError `timeout` after a silence, `unreachable` when the connection breaks
   */
  read(): Promise<Uint8Array | undefined>;
  /**
   * The body as text; then nothing is left to release. Reads at most `limit` bytes and ignores the rest. If the
   * connection breaks and what came `isWhole`, the break no longer matters: some servers close without the end of the
   * body.
   */
  text(limit: number, isWhole?: (text: string) => boolean): Promise<string>;
  /** The model has begun to answer. */
  begin(): void;
  /** From now on, a silence of `ms` ends the body as if the backend had closed it; undefined takes that back. */
  endAfterSilence(ms: number | undefined): void;
  /** Stops reading: lets the last bytes arrive, so that the connection can be reused, then closes it. */
  release(): void;
};

type ByteSource = { read(): Promise<{ readonly value?: Uint8Array | undefined }> };

/** What is known of a server. */
export type KnownServer = {
  /** Whether it has answered before. */
  isKnown: boolean;
  /** Whether it last closed a connection before the end of a body. */
  isAbrupt: boolean;
};

/** Reads a response of `fetch`. */
export class BackendAnswer implements Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly #response: Response;
  readonly #line: OpenLine;
  readonly #server: KnownServer;
  readonly #onRead: (bytes: number) => void;
  /** Made when it is first needed: a small answer is read as a whole. */
  #source: ByteSource | undefined;
  #treatsSilenceAsEnd = false;
  #received = 0;

  /**
   * @param onRead told the size of every read, in bytes
   * @throws ProxyError `upstream` for an encoding that is not known
   */
  constructor(response: Response, line: OpenLine, server: KnownServer, onRead: (bytes: number) => void) {
    const { status, headers } = response;
    this.status = status;
    this.headers = headers;
    this.#response = response;
    this.#line = line;
    this.#server = server;
    this.#onRead = onRead;
    const encoding = headers.get("content-encoding");
    if (encoding !== null && response.body) this.#source = decodeBody(response.body, encoding).getReader();
  }

  /**
   * Called for every chunk of every stream. Looks at the bytes at the end of the turn of the event loop: what a hundred
   * streams received in that turn is then read in a row, and sent in a row, with warm caches.
   */
  async read(): Promise<Uint8Array | undefined> {
    const line = this.#line;
    if (line.isOver) {
      // The request may have ended while nothing was being read.
      const reason = line.reason();
      if (reason) throw reason;
      return undefined;
    }
    this.#source ??= this.#response.body?.getReader();
    if (!this.#source) return this.#finish();
    line.startWait();
    let bytes: Uint8Array | undefined;
    try {
      bytes = (await this.#source.read()).value;
    } catch (thrown) {
      return this.#fail(thrown);
    }
    line.endWait();
    await letOthersRun();
    return this.#take(bytes);
  }

  #take(bytes: Uint8Array | undefined): Uint8Array | undefined {
    if (!bytes) return this.#finish();
    this.#received += bytes.length;
    if (this.#received > maxAnswerBytes) return this.#fail(oversized());
    this.#onRead(bytes.length);
    return bytes;
  }

  #finish(): undefined {
    this.#line.end();
    this.#server.isAbrupt = false;
  }

  #fail(thrown: unknown): undefined {
    const line = this.#line;
    line.endWait();
    if (!line.isOver && isClosed(thrown)) this.#server.isAbrupt = true;
    line.abort();
    if (this.#treatsSilenceAsEnd && line.isSilent) return undefined;
    throw line.explain(thrown);
  }

  text(limit: number, isWhole?: (text: string) => boolean): Promise<string> {
    return this.#comesAtOnce(limit) ? this.#readWhole(isWhole) : this.#readPieces(limit, isWhole);
  }

  /** A small body of known length needs no stream, unless its server may close before the end of it. */
  #comesAtOnce(limit: number): boolean {
    if (this.#source || this.#line.isOver || this.#server.isAbrupt) return false;
    const length = Number(this.headers.get("content-length") ?? Number.NaN);
    return length <= Math.min(limit, maxSmall) && !this.headers.has("transfer-encoding");
  }

  async #readWhole(isWhole?: (text: string) => boolean): Promise<string> {
    this.#line.startWait();
    try {
      // By the next turn the body has come as well, and so have other answers: they are read one after another.
      await letOthersRun();
      const text = await this.#response.text();
      this.#line.endWait();
      this.#finish();
      return text;
    } catch (thrown) {
      try {
        this.#fail(thrown);
      } catch (fault) {
        // What had come is lost; of an error, the status is enough.
        if (!isWhole?.("")) throw fault;
      }
      return "";
    }
  }

  async #readPieces(limit: number, isWhole?: (text: string) => boolean): Promise<string> {
    const utf8 = new TextDecoder();
    let text = "";
    let size = 0;
    try {
      for (let bytes = await this.read(); bytes; bytes = await this.read()) {
        text += utf8.decode(bytes, { stream: true });
        size += bytes.length;
        if (size > limit) this.#line.abort();
      }
    } catch (thrown) {
      if (!isWhole?.(text)) throw thrown;
    }
    return text + utf8.decode();
  }

  begin(): void {
    this.#line.begin();
  }

  endAfterSilence(ms: number | undefined): void {
    this.#treatsSilenceAsEnd = ms !== undefined;
    this.#line.limitSilence(ms);
  }

  release(): void {
    if (this.#line.isOver) return;
    this.endAfterSilence(lastBytesMs);
    this.read().then(
      (more) => more && this.#line.abort(),
      () => {},
    );
  }
}

function oversized(): ProxyError {
  const limit = `${maxAnswerBytes / 1024 / 1024} MiB`;
  return new ProxyError("upstream", `Cannot read the backend's answer: it is larger than ${limit}`, {
    isOurs: true,
  });
}
