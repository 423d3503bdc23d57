/**
 * Instrumentation: rewrites a module so that each of its functions reports itself to the registry when it is made, and
 * each `yield*` tells the operation where it stands. The text may still contain types. Line numbers do not change.
 *
 *     *run({ ipc }) {              run: $register(function* ({ ipc }) {
 *       yield* ipc.wait();    →      yield* $at($module, 120, 137, ipc.wait());
 *     }                            }, $module, 97, () => ({ get limit() { return limit; } }), "run")
 *
 * Locals with a declared range keep it ({@link guardLocals}).
 * Functions inside generator functions are left alone: they belong to a thread's body, which is compiled from source.
 */
import { type AnyNode, bindings, children, type FunctionLike, isFunction, lexicalNames, Scopes, varNames } from "./scopes.ts";
import { guardLocals } from "./local-ranges.ts";
import { oxc } from "./registry.ts";

export interface Instrumented {
  readonly code: string;
  /** Whether what the module does follows from its text and its imports: it asks nothing of the machine that it runs on. */
  readonly closed: boolean;
  /** The offset in the original text of an offset in `code`. */
  original(offset: number): number;
}

/** A syntax error of the module; offsets are into the original text. */
export interface SyntaxProblem {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}
export class SyntaxProblems extends Error {
  readonly problems: readonly SyntaxProblem[];
  constructor(problems: readonly SyntaxProblem[]) {
    super(problems.map((problem) => problem.message).join("\n"));
    this.problems = problems;
  }
}

export interface InstrumentOptions {
  /** What the registry is told; also decides by its extension how the text is parsed. */
  readonly file: string;
  /** Module specifier of the registry. */
  readonly registry: string;
  /** The syntax tree of the text, and the text that the author wrote, where the one to instrument is that without its types. */
  readonly parsed?: { readonly program: AnyNode & { readonly type: "Program" }; readonly text: string };
  /** What to import in place of what the text names; null: that. */
  readonly resolve?: (specifier: string) => string | null;
}

interface Edit {
  readonly offset: number;
  /** Length of the text that is replaced. */
  readonly remove: number;
  readonly insert: string;
}

function parse(file: string, text: string): AnyNode & { readonly type: "Program" } {
  const { errors, program } = oxc().parseSync(file, text, { preserveParens: true });
  if (errors.length > 0) throw new SyntaxProblems(errors.map(({ message, labels: [label] }) => ({ message, start: label?.start ?? 0, end: label?.end ?? 0 })));
  return program as AnyNode & { readonly type: "Program" };
}

/** Instruments one module. Throws {@link SyntaxProblems}. */
export function instrument(text: string, options: InstrumentOptions): Instrumented {
  const { visitorKeys: keys } = oxc();
  const program = options.parsed?.program ?? parse(options.file, text);

  const edits: Edit[] = [];
  const insert = (offset: number, code: string): void => void edits.push({ offset, remove: 0, insert: code });
  const replace = (start: number, end: number, code: string): void =>
    void edits.push({ offset: start, remove: end - start, insert: code + text.slice(start, end).replace(/[^\r\n]/g, "") });
  const scopes = new Scopes();
  // Enums and namespaces are not looked into.
  let closed = !/^\s*(export\s+)?(declare\s+)?(const\s+)?(enum|namespace|module)\s+\w+\s*\{/m.test(text);
  guardLocals(program, keys, { text, insert, replace });

  /** Registration of the function declarations of a block, at its very start: they are hoisted, and so must this be. */
  const declarations = new Map<AnyNode, string>();
  const scopeOf = (captures: ReadonlySet<string>): string => `() => ({ ${[...captures].map((name) => `get ${name}() { return ${name}; }`).join(", ")} })`;
  const registration = (name: string, node: AnyNode, captures: ReadonlySet<string>): string =>
    `$ipcRegister(${name}, $ipcModule, ${node.start}, ${scopeOf(captures)});`;

  /** `generator`: inside a generator function, where nothing is registered. */
  const block = (node: AnyNode, statements: readonly AnyNode[], names: readonly string[], start: number, generator: boolean): void => {
    // The registration's text is known only after its functions have been walked; its place in the order is here.
    const place = edits.length;
    scopes.within([...lexicalNames(statements), ...names], () => {
      for (const statement of statements) visit(statement, generator, node);
    });
    const code = declarations.get(node);
    if (code !== undefined) edits.splice(place, 0, { offset: start, remove: 0, insert: ` ${code} ` });
  };

  /** The offset at which a statement can be put before all others: after the directives. */
  const startOf = (statements: readonly AnyNode[], otherwise: number): number => {
    let start = otherwise;
    for (const statement of statements) {
      if (statement.type !== "ExpressionStatement" || statement.directive === null || statement.directive === undefined) break;
      start = statement.end;
    }
    return start;
  };

  const walkFunction = (node: FunctionLike, generator: boolean): void => {
    const inside = generator || node.generator;
    const parameters = node.params as readonly AnyNode[];
    const own = node.type === "FunctionExpression" && node.id !== null ? [node.id.name] : [];
    scopes.within([...own, ...parameters.flatMap(bindings)], () => {
      for (const parameter of parameters) visit(parameter, inside, node);
      const body = node.body as AnyNode | null;
      if (body === null) return;
      if (body.type === "BlockStatement") block(body, body.body as AnyNode[], varNames(body, keys), startOf(body.body as AnyNode[], body.start + 1), inside);
      else visit(body, inside, node);
    });
  };

  /** Walks a function that is an expression and wraps it, unless it belongs to a thread's body. `prefix` starts it anew where it was a method. */
  const wrap = (node: FunctionLike, generator: boolean, name: string | null, prefix: string = ""): void => {
    if (generator) return walkFunction(node, generator);
    insert(node.start, `${prefix === "" ? "" : ": "}$ipcRegister(${prefix}`);
    const captures = scopes.capturesOf(() => walkFunction(node, false));
    insert(node.end, `, $ipcModule, ${node.start}, ${scopeOf(captures)}${name === null ? "" : `, ${JSON.stringify(name)}`})`);
  };

  const method = (property: AnyNode & { readonly type: "Property" }, generator: boolean): void => {
    const value = property.value as FunctionLike;
    if (property.computed) visit(property.key as AnyNode, generator, property);
    // `super` is legal in methods only.
    if (generator || mentionsSuper(value)) return walkFunction(value, generator);
    const bracket = property.computed ? text.lastIndexOf("[", property.key.start) : property.key.start;
    replace(property.start, bracket, "");
    wrap(value, false, keyName(property), `${value.async ? "async " : ""}function${value.generator ? "*" : ""} `);
  };

  const mentionsSuper = (node: AnyNode): boolean => {
    if (node.type === "Super") return true;
    return children(node, keys).some((child) => (child.type === "FunctionExpression" || child.type === "ClassBody" ? false : mentionsSuper(child)));
  };

  const visitChildren = (node: AnyNode, generator: boolean): void => {
    for (const child of children(node, keys)) visit(child, generator, node);
  };

  const visit = (node: AnyNode, generator: boolean, parent: AnyNode): void => {
    switch (node.type) {
      case "Identifier":
        scopes.mention(node.name);
        return;
      case "MemberExpression":
        if (asks(node)) closed = false;
        // `Math` by itself could be asked for anything.
        if (node.object.type !== "Identifier" || node.object.name !== "Math" || node.computed) visit(node.object as AnyNode, generator, node);
        if (node.computed) visit(node.property as AnyNode, generator, node);
        return;
      case "Property":
        if (node.method) return method(node, generator);
        if (asking.has(keyName(node) ?? "")) closed = false;
        if (node.computed) visit(node.key as AnyNode, generator, node);
        if (node.kind === "init" && isFunction(node.value as AnyNode)) return wrap(node.value as FunctionLike, generator, keyName(node));
        if (node.kind !== "init") return walkFunction(node.value as FunctionLike, generator);
        return visit(node.value as AnyNode, generator, node);
      case "MethodDefinition":
      case "PropertyDefinition":
      case "AccessorProperty":
        if (node.computed) visit(node.key as AnyNode, generator, node);
        if (node.type === "MethodDefinition") return walkFunction(node.value as FunctionLike, generator);
        if (node.value !== null) visit(node.value as AnyNode, generator, node);
        return;
      case "LabeledStatement":
        return visit(node.body as AnyNode, generator, node);
      case "MetaProperty":
        if (node.meta.name === "import") closed = false;
        return;
      case "ImportDeclaration": {
        const target = options.resolve?.(node.source.value) ?? null;
        if (target !== null) replace(node.source.start, node.source.end, JSON.stringify(target));
        return;
      }
      case "BreakStatement":
      case "ContinueStatement":
      case "ExportAllDeclaration":
      case "TSInterfaceDeclaration":
      case "TSTypeAliasDeclaration":
        return;
      case "ExportNamedDeclaration":
        if (node.declaration !== null) visit(node.declaration as AnyNode, generator, parent);
        return;
      case "ExportDefaultDeclaration": {
        const declared = node.declaration as AnyNode;
        // Without a name there is nothing to register it by: it becomes an expression.
        if (declared.type === "FunctionDeclaration" && declared.id === null && declared.body !== null) {
          wrap(declared, generator, "default");
          insert(declared.end, ";");
          return;
        }
        return visit(declared, generator, parent);
      }
      case "VariableDeclarator":
        // Patterns may have default values.
        if (node.id.type !== "Identifier") visit(node.id as AnyNode, generator, node);
        if (node.init === null) return;
        if (isFunction(node.init as AnyNode) && node.id.type === "Identifier") return wrap(node.init as FunctionLike, generator, node.id.name);
        return visit(node.init as AnyNode, generator, node);
      case "FunctionDeclaration": {
        if (node.body === null) return;
        if (generator || node.id === null) return walkFunction(node, generator);
        const name = node.id.name;
        const captures = scopes.capturesOf(() => walkFunction(node, false));
        declarations.set(parent, `${declarations.get(parent) ?? ""}${registration(name, node, captures)}`);
        return;
      }
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        return wrap(node, generator, null);
      case "YieldExpression": {
        const operand = node.argument as AnyNode | null;
        if (operand === null) return;
        if (!node.delegate) return visit(operand, generator, node);
        insert(operand.start, `$ipcAt($ipcModule, ${node.start}, ${node.end}, `);
        visit(operand, generator, node);
        insert(operand.end, ")");
        return;
      }
      case "BlockStatement":
        return block(node, node.body as AnyNode[], [], node.start + 1, generator);
      case "StaticBlock":
        return block(node, node.body as AnyNode[], varNames(node, keys), text.indexOf("{", node.start) + 1, generator);
      case "SwitchStatement":
        visit(node.discriminant as AnyNode, generator, node);
        // Function declarations in a `case` are not registered: there is no place for it that is always reached.
        return scopes.within(lexicalNames(node.cases.flatMap((each) => each.consequent as AnyNode[])), () => {
          for (const each of node.cases) visitChildren(each as AnyNode, generator);
        });
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement": {
        const head = (node.type === "ForStatement" ? node.init : node.left) as AnyNode | null;
        return scopes.within(head === null ? [] : lexicalNames([head]), () => visitChildren(node, generator));
      }
      case "CatchClause":
        return scopes.within(node.param === null ? [] : bindings(node.param as AnyNode), () => visitChildren(node, generator));
      case "ClassDeclaration":
      case "ClassExpression":
        return scopes.within(node.id === null ? [] : [node.id.name], () => visitChildren(node, generator));
      case "ImportExpression":
        closed = false;
        return visitChildren(node, generator);
      default:
        return visitChildren(node, generator);
    }
  };

  const hashbang = program.hashbang === null ? 0 : program.hashbang.end;
  // A hashbang ends with its line; what is put before the first statement then follows on the next one.
  const start = hashbang === 0 ? 0 : nextLine(text, hashbang);
  insert(
    start,
    `import { register as $ipcRegister, at as $ipcAt, fit as $ipcFit, module as $ipcDeclare } from ${JSON.stringify(options.registry)}; var $ipcModule = $ipcDeclare(${JSON.stringify(options.file)}, ${JSON.stringify(options.parsed?.text ?? text)}); `,
  );
  block(program, program.body as AnyNode[], varNames(program, keys), start, false);
  return { ...apply(text, edits), closed: closed && [...scopes.globals].every((name) => fixedGlobals.has(name)) };
}

/** Globals that are the same on every machine at any time; `Math` is looked at where its members are. */
const fixedGlobals: ReadonlySet<string> = new Set(
  (
    "undefined NaN Infinity Number String Boolean Array Object Map Set WeakMap WeakSet BigInt Symbol JSON parseInt parseFloat isNaN isFinite " +
    "Error RangeError TypeError SyntaxError EvalError ReferenceError AggregateError ArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray " +
    "Int16Array Uint16Array Int32Array Uint32Array Float32Array Float64Array BigInt64Array BigUint64Array structuredClone arguments"
  ).split(" "),
);
/** Members by which objects that are the same everywhere give what is not. */
const asking: ReadonlySet<string> = new Set(["random", "constructor", "localeCompare"]);

function asks(node: AnyNode & { readonly type: "MemberExpression" }): boolean {
  const { property } = node;
  const name = !node.computed && property.type === "Identifier" ? property.name : property.type === "Literal" ? String(property.value) : "";
  return asking.has(name) || name.startsWith("toLocale");
}

function keyName(property: AnyNode & { readonly type: "Property" }): string | null {
  if (property.computed) return null;
  return property.key.type === "Identifier" ? property.key.name : property.key.type === "Literal" ? String(property.key.value) : null;
}

function nextLine(text: string, offset: number): number {
  const end = text.slice(offset).search(/[\r\n]/);
  if (end < 0) return text.length;
  return offset + end + (text.startsWith("\r\n", offset + end) ? 2 : 1);
}

/** Edits at one offset keep the order in which they were made. */
function apply(text: string, edits: readonly Edit[]): Omit<Instrumented, "closed"> {
  const sorted = [...edits].sort((a, b) => a.offset - b.offset);
  let code = "";
  let done = 0;
  /** For each piece of original text in the result: where it begins there, and where it began. */
  const pieces: { readonly at: number; readonly from: number }[] = [];
  for (const edit of sorted) {
    pieces.push({ at: code.length, from: done });
    code += text.slice(done, edit.offset);
    pieces.push({ at: code.length, from: edit.offset });
    code += edit.insert;
    done = edit.offset + edit.remove;
  }
  pieces.push({ at: code.length, from: done });
  code += text.slice(done);
  return {
    code,
    original(offset) {
      let last = 0;
      let next = text.length;
      for (const piece of pieces) {
        if (piece.at > offset) {
          next = piece.from;
          break;
        }
        last = piece.from + (offset - piece.at);
      }
      return Math.min(last, next);
    },
  };
}
