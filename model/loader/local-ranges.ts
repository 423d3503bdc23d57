/**
 * Declared locals in the running program: `let i = local(int(0, 3), 0)` promises a range that JavaScript does not know.
 * Each value that such a local is given is checked, or wrapped, as the compiler's code does it.
 *
 *     let i = local(D, 0);    →    let $ipcRange_i = D, i = $ipcFit($ipcRange_i, "i", local(D, 0));
 *     i += 2;                 →    i = $ipcFit($ipcRange_i, "i", i + (2));
 */
import { type AnyNode, bindings, children, isFunction, lexicalNames } from "./scopes.ts";

/** How the module is edited. */
export interface Editor {
  readonly text: string;
  insert(offset: number, code: string): void;
  replace(start: number, end: number, code: string): void;
}

type Call = AnyNode & { readonly type: "CallExpression" };

/** The name under which the module imports `local`, or null. */
function importedName(program: AnyNode & { readonly type: "Program" }): string | null {
  for (const statement of program.body) {
    if (statement.type !== "ImportDeclaration") continue;
    for (const specifier of statement.specifiers) {
      if (specifier.type === "ImportSpecifier" && specifier.imported.type === "Identifier" && specifier.imported.name === "local") return specifier.local.name;
    }
  }
  return null;
}

/** Edits every declaration with `local(…)` and every assignment to what it declares. */
export function guardLocals(program: AnyNode & { readonly type: "Program" }, keys: Readonly<Record<string, readonly string[]>>, editor: Editor): void {
  const name = importedName(program);
  if (name === null) return;
  /** Names in scope, innermost last; true: declared with `local`. */
  const scopes: Map<string, boolean>[] = [];
  const isGuarded = (id: string): boolean => scopes.findLast((scope) => scope.has(id))?.get(id) === true;
  const within = (names: readonly string[], body: () => void): void => {
    scopes.push(new Map(names.map((each) => [each, false])));
    body();
    scopes.pop();
  };
  const fit = (id: string): string => `$ipcFit($ipcRange_${id}, ${JSON.stringify(id)}, `;

  const declare = (node: AnyNode & { readonly type: "VariableDeclarator" }): void => {
    const init = node.init as AnyNode | null;
    const call = init?.type === "CallExpression" && init.callee.type === "Identifier" && init.callee.name === name ? (init as Call) : null;
    const domain = call?.arguments[0] as AnyNode | undefined;
    const isShadowed = scopes.findLast((scope) => scope.has(name)) !== scopes[0];
    if (call === null || domain === undefined || node.id.type !== "Identifier" || isShadowed) return;
    const source = editor.text.slice(domain.start, domain.end);
    // A comment or a line break in the domain would not survive being written twice.
    if (/\/\/|\/\*|[\r\n]/u.test(source)) return;
    const id = node.id.name;
    scopes.findLast((scope) => scope.has(id))?.set(id, true);
    editor.insert(node.start, `$ipcRange_${id} = ${source}, `);
    editor.insert(call.start, fit(id));
    editor.insert(call.end, ")");
  };

  const visit = (node: AnyNode): void => {
    const inner = (): void => {
      for (const child of children(node, keys)) visit(child);
    };
    if (isFunction(node)) return within((node.params as readonly AnyNode[]).flatMap(bindings), inner);
    switch (node.type) {
      case "Program":
      case "BlockStatement":
      case "StaticBlock":
        return within(lexicalNames(node.body as AnyNode[]), inner);
      case "SwitchStatement":
        return within(lexicalNames(node.cases.flatMap((each) => each.consequent as AnyNode[])), inner);
      case "ForStatement":
        return within(node.init === null ? [] : lexicalNames([node.init as AnyNode]), inner);
      case "ForInStatement":
      case "ForOfStatement":
        return within(lexicalNames([node.left as AnyNode]), inner);
      case "VariableDeclarator":
        declare(node);
        return inner();
      case "AssignmentExpression": {
        const { left, operator } = node;
        const right = node.right as AnyNode;
        if (left.type !== "Identifier" || !isGuarded(left.name)) return inner();
        if (operator === "=") {
          editor.insert(right.start, fit(left.name));
          inner();
          editor.insert(right.end, ")");
        } else if (!["&&=", "||=", "??="].includes(operator)) {
          editor.replace(left.end, right.start, ` = ${fit(left.name)}${left.name} ${operator.slice(0, -1)} (`);
          inner();
          editor.insert(right.end, "))");
        }
        return;
      }
      case "UpdateExpression": {
        const target = node.argument;
        if (target.type !== "Identifier" || !isGuarded(target.name)) return inner();
        const next = `${target.name} = ${fit(target.name)}${target.name} ${node.operator.slice(1)} 1)`;
        return editor.replace(node.start, node.end, node.prefix ? `(${next})` : `[${target.name}, ${next}][0]`);
      }
      default:
        return inner();
    }
  };
  visit(program);
}
