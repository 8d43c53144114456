/** The answer of a backend: its bytes, each read bounded in time, and all of them in size. */
import { ProxyError } from "../../errors.ts";
import { decodeBody } from "./decode-body.ts";
import { isClosed } from "./find-connection-fault.ts";
import type { OpenLine } from "./hold-line.ts";

/** Far more than any model can say, even one token a chunk. */
const maxAnswerBytes = 512 * 1024 * 1024;

/** How long the end of a body may take after its last event, ms. */
const lastBytesMs = 1000;

type ByteSource = { read(): Promise<{ readonly value?: Uint8Array | undefined }> };

/** What is known of a server. */
export type KnownServer = {
  /** Whether it has answered before. */
  isKnown: boolean;
  /** Whether it last closed a connection before the end of a body. */
  isAbrupt: boolean;
};

/** An `Answer`, read from a response of `fetch`. */

export class BackendAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly #reader: ByteSource | undefined;
  readonly #line: OpenLine;
  readonly #server: KnownServer;
  readonly #onRead: (bytes: number) => void;
  #treatsSilenceAsEnd = false;
  #received = 0;

  /**
   * @param onRead told the size of every read, in bytes
   * @throws ProxyError `upstream` for an encoding that is not known
   */
  constructor(response: Response, line: OpenLine, server: KnownServer, onRead: (bytes: number) => void) {
    this.status = response.status;
    this.headers = response.headers;
    if (response.body)
      this.#reader = decodeBody(response.body, response.headers.get("content-encoding")).getReader();
    this.#line = line;
    this.#server = server;
    this.#onRead = onRead;
  }

  /** Called for every chunk of every stream: one promise, and no function made for it. */
  read(): Promise<Uint8Array | undefined> {
    if (!this.#reader) return Promise.resolve(undefined);
    if (this.#line.isOver) {
      // The request may have been ended while nobody was waiting for bytes.
      const reason = this.#line.reason();
      return reason ? Promise.reject(reason) : Promise.resolve(undefined);
    }
    this.#line.startWait();
    return this.#reader.read().then(this.#take, this.#fail);
  }

  readonly #take = ({ value }: { readonly value?: Uint8Array | undefined }): Uint8Array | undefined => {
    this.#line.endWait();
    if (!value) {
      this.#line.end();
      this.#server.isAbrupt = false;
      return undefined;
    }
    this.#received += value.length;
    if (this.#received > maxAnswerBytes) return this.#fail(oversized());
    this.#onRead(value.length);
    return value;
  };

  readonly #fail = (thrown: unknown): undefined => {
    const line = this.#line;
    line.endWait();
    if (!line.isOver && isClosed(thrown)) this.#server.isAbrupt = true;
    line.abort();
    if (this.#treatsSilenceAsEnd && line.isSilent) return undefined;
    throw line.explain(thrown);
  };

  async text(limit: number, isWhole?: (text: string) => boolean): Promise<string> {
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
