/** OpenAI's `/chat/completions`, spoken by nearly every backend. */
import type { Dialect } from "../dialect.ts";
import { findCorrection } from "./find-correction.ts";
import { readError } from "./read-error.ts";
import { readMessage } from "./read-message.ts";
import { createReader } from "./read-stream.ts";
import { writeRequest } from "./write-request.ts";

export const openaiChat: Dialect = { writeRequest, createReader, readMessage, readError, findCorrection };
