/**
 * Packs OpenAI's vocabularies, as `gpt-tokenizer` brings them, into `src/lib/vocabularies/`. Run it again after an
 * update of `gpt-tokenizer`. The same version gives the same bytes.
 */
import { join } from "node:path";
import { packVocabulary } from "../src/lib/vocabularies/pack-vocabulary.ts";
import { readVocabularyFile, vocabularyNames } from "./read-vocabulary-file.ts";
import { runScript } from "./shipping/run-script.ts";

async function main(): Promise<void> {
  for (const name of vocabularyNames) {
    const packed = packVocabulary(await readVocabularyFile(name));
    await Bun.write(join(import.meta.dir, `../src/lib/vocabularies/${name}.bin`), packed);
    console.log(`${name}  ${(packed.length / 1e6).toFixed(2)} MB`);
  }
}

await runScript(main);
