/** Recognises the loops that only wait: `while (… (yield* cell.load()) …) {}` (or `do {} while`), which are one `waitUntil`. */
import type { Argument, Expression, Statement, YieldExpression } from "@oxc-project/types";

/** The loop `while (… (yield* cell.load()) …) {}` without any other effect: its one load, else null. */
export function waitingLoop(node: Statement): YieldExpression | null {
  if (
    (node.type !== "WhileStatement" && node.type !== "DoWhileStatement") ||
    !(node.body.type === "EmptyStatement" || (node.body.type === "BlockStatement" && node.body.body.length === 0))
  )
    return null;
  let load: YieldExpression | null = null;
  /** Whether the expression is pure but for loads; `always`: it is evaluated whenever the condition is. */
  const pure = (part: Expression | Argument, always: boolean): boolean => {
    switch (part.type) {
      case "YieldExpression": {
        const call = part.argument;
        if (
          !always ||
          load !== null ||
          call?.type !== "CallExpression" ||
          call.callee.type !== "MemberExpression" ||
          call.callee.property.type !== "Identifier"
        )
          return false;
        if (call.callee.property.name !== "load" && call.callee.property.name !== "read") return false;
        load = part;
        return pure(call.callee.object, always) && call.arguments.every((argument) => pure(argument, always));
      }
      case "Literal":
      case "Identifier":
        return true;
      case "ParenthesizedExpression":
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
        return pure(part.expression, always);
      case "UnaryExpression":
        return pure(part.argument, always);
      case "BinaryExpression":
        return pure(part.left as Expression, always) && pure(part.right, always);
      case "LogicalExpression":
        return pure(part.left, always) && pure(part.right, false);
      case "ConditionalExpression":
        return pure(part.test, always) && pure(part.consequent, false) && pure(part.alternate, false);
      case "MemberExpression":
        return (
          !(part.property.type === "Identifier" && part.property.name === "value") &&
          pure(part.object, always) &&
          (!part.computed || pure(part.property, always))
        );
      case "CallExpression":
        return pure(part.callee, always) && part.arguments.every((argument) => pure(argument, always));
      default:
        return false;
    }
  };
  return pure(node.test, true) ? load : null;
}
