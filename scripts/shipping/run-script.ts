/** The edge of the scripts: arguments in, an exit code out. */

/**
 * Runs a script to its end. A failure is printed in one line; one of the bundler is printed with the code in question.
 */
export async function runScript(main: (words: string[]) => Promise<void>): Promise<void> {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    const isOurs = error instanceof Error && !(error instanceof AggregateError);
    console.error(isOurs ? error.message : error);
    process.exitCode = 1;
  }
}
