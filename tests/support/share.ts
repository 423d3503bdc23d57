/**
 * How much `npm test` does where the same is asked of every protocol of the library: each one gets its own share of the questions,
 * in turn, so that all are asked somewhere. With IPC_CHECK_LIBRARY=1, as in `.ci/run`, or IPC_CHECK_RUNS every one gets all of them.
 */
export const everything: boolean = process.env["IPC_CHECK_LIBRARY"] === "1" || process.env["IPC_CHECK_RUNS"] !== undefined;

/** Whether the item at `index` is asked question number `question` of `questions`. */
export function inTurn(index: number, question: number, questions: number): boolean {
  return everything || index % questions === question;
}
