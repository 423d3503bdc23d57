/**
 * How much `npm test` does of what can be asked again and again. Where the same is asked of every protocol of the library, each
 * one gets its own share of the questions, in turn, so that all are asked somewhere; of random cases it takes a third. With
 * IPC_CHECK_LIBRARY=1, as in `.ci/run`, or IPC_CHECK_RUNS every protocol gets all questions, and all random cases are tried.
 */
const asked = process.env["IPC_CHECK_RUNS"];
export const everything: boolean = process.env["IPC_CHECK_LIBRARY"] === "1" || asked !== undefined;

/** Whether the item at `index` is asked question number `question` of `questions`. */
export function inTurn(index: number, question: number, questions: number): boolean {
  return everything || index % questions === question;
}

/** How many random cases are tried where `.ci/run` tries `full`: as many as IPC_CHECK_RUNS says, if it says so. */
export function randomCases(full: number): number {
  return asked !== undefined ? Number(asked) : everything ? full : Math.ceil(full / 3);
}
