/** Reads the files of OpenAI's tiktoken, which have a line of `base64 rank` for each token. */
import { fileURLToPath } from "node:url";

export const vocabularyNames = ["o200k", "cl100k"] as const;

/**
 * The tokens, in the order of their ranks.
 * @throws Error when the ranks are not those of an array
 */
export async function readVocabularyFile(name: (typeof vocabularyNames)[number]): Promise<Uint8Array[]> {
  const url = import.meta.resolve(`gpt-tokenizer/data/${name}_base.tiktoken`);
  const lines = (await Bun.file(fileURLToPath(url)).text()).trimEnd().split("\n");
  return lines.map((line, index) => {
    const [token = "", rank] = line.split(" ");
    if (Number(rank) !== index) throw new Error(`Line ${index + 1} of ${name} has the rank ${rank}`);
    return Buffer.from(token, "base64");
  });
}
