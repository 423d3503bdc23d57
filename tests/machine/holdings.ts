/** What the functions of kernel/common say of the locks that their callers must hold, read off the sources. */
import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";

/** A function that others can call. */
export interface Holding {
  readonly file: string;
  /** `Frames.allocate` or `mapMemory`. */
  readonly name: string;
  /** What follows "Caller holds:" in its comment, or in that of what it is in; null if nothing does. */
  readonly says: string | null;
}

const folder = "kernel/common";

/** What the comments before a place in the text say. */
function saidBefore(text: string, at: number): string | null {
  const comments = (ts.getLeadingCommentRanges(text, at) ?? []).map(({ pos, end }) => text.slice(pos, end).replace(/\n\s*\*/g, " "));
  return /Caller holds: ([^.]+)\./.exec(comments.at(-1) ?? "")?.[1]?.replace(/\s+/g, " ") ?? null;
}

const isExported = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;

/** Methods and accessors that can be reached from outside. */
function isOpen(member: ts.Node): member is ts.MethodDeclaration | ts.MethodSignature | ts.AccessorDeclaration {
  const isFunction = ts.isMethodDeclaration(member) || ts.isMethodSignature(member) || ts.isAccessor(member);
  return isFunction && !ts.isPrivateIdentifier(member.name);
}

/** All exported functions of a file, and the open members of its exported classes and interfaces. */
function ofFile(file: string): readonly Holding[] {
  const text = readFileSync(`${folder}/${file}`, "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const first = /^\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? "";
  const ofAll = saidBefore(first, 0);
  const found: Holding[] = [];
  for (const node of source.statements) {
    if (!isExported(node)) continue;
    const own = node.getFullStart() === 0 ? null : saidBefore(text, node.getFullStart());
    if (ts.isFunctionDeclaration(node)) found.push({ file, name: node.name?.text ?? "", says: own ?? ofAll });
    if (!ts.isClassDeclaration(node) && !ts.isInterfaceDeclaration(node)) continue;
    for (const member of node.members) {
      if (!isOpen(member)) continue;
      const name = `${node.name?.text}.${member.name.getText()}`;
      // What an overload says goes for the others, as what a getter says for its setter.
      if (found.some((known) => known.name === name)) continue;
      found.push({ file, name, says: saidBefore(text, member.getFullStart()) ?? own ?? ofAll });
    }
  }
  return found;
}

/** All of kernel/common. */
export function holdings(): readonly Holding[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .flatMap(ofFile);
}
