/**
 * Workflow commands of GitHub Actions: an annotation at the place of each failure. A step shows the first ten errors, so
 * the last line says how many there were. The summary page of the job is the markdown report; `verify` appends it to the
 * file that GITHUB_STEP_SUMMARY names.
 */
import { failures } from "./failures.ts";
import type { Reporter } from "./index.ts";

const data = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

export const github: Reporter = (results, { expect }) => {
  const found = results.flatMap((each) => failures(each, expect));
  const lines = found.map(({ title, message, location: { file, line, column }, inconclusive, file: trace }) => {
    const where = `file=${property(file)},line=${line},col=${column},title=${property(`ipc-check: ${title}`)}`;
    const reproduce = trace === null ? "" : `\nReproduce: ipc-check replay ${trace}`;
    return `::${inconclusive ? "warning" : "error"} ${where}::${data(`${message}${reproduce}`)}`;
  });
  return [...lines, `ipc-check: ${results.length} checks, ${found.length} to look at`, ""].join("\n");
};
