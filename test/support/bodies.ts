/** The body of a client's request, as the server reads it. */
import { type Body, cutAttachments } from "../../src/anthropic/cut-attachments.ts";

export const bodyOf = (text: string): Body => cutAttachments(new TextEncoder().encode(text));
