// Writes docs/reference.md: every export of the package with its signature and its comment, from the declarations that
// `npm run build` makes. Run: node scripts/reference.mjs; with --check it only says whether the file is up to date.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import ts from "typescript";

const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
const modules = Object.entries(exports)
  .filter(([, entry]) => typeof entry === "object")
  .map(([path, { types }]) => ({ name: `ipc-check${path.slice(1)}`, file: types.replace("./", "") }));
const program = ts.createProgram(
  modules.map(({ file }) => file),
  { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2022, skipLibCheck: true, types: [] },
);
const checker = program.getTypeChecker();

const commentOf = (symbol) => ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
/** A declaration as it stands in the .d.ts, without `export`, `declare` and the comments of its own head. */
const textOf = (node) =>
  node
    .getText()
    .replace(/^export /u, "")
    .replace(/^declare /u, "")
    .replace(/^default /u, "");

const section = ({ name, file }) => {
  const source = program.getSourceFile(file);
  const own = checker.getSymbolAtLocation(source);
  const symbols = own === undefined ? [] : checker.getExportsOfModule(own);
  const head = /^\/\*\*([\s\S]*?)\*\//u.exec(source.getFullText());
  const about = head === null ? "" : head[1].replace(/^\s*\* ?/gmu, "").trim();
  const entries = symbols
    .map((symbol) => ({ symbol, target: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol }))
    .sort((a, b) => (a.symbol.name < b.symbol.name ? -1 : 1))
    .map(({ symbol, target }) => {
      const declarations = (target.declarations ?? []).map((node) => (ts.isVariableDeclaration(node) ? node.parent.parent : node));
      const code = [...new Set(declarations.map(textOf))].join("\n");
      return [`### \`${symbol.name}\``, "", ...(commentOf(target) === "" ? [] : [commentOf(target), ""]), "```ts", code, "```", ""].join("\n");
    });
  return [`## ${name}`, "", ...(about === "" ? [] : [about, ""]), ...entries].join("\n");
};

const text = [
  "# Reference",
  "",
  "Everything that the package exports, from its source; `node scripts/reference.mjs` writes this page. [language.md](language.md) explains how",
  "the parts go together, [kernels.md](kernels.md) has a protocol for each kernel.",
  "",
  ...modules.map(({ name }) => `- [${name}](#${name.replace(/[^\w-]/gu, "")})`),
  "",
  ...modules.map(section),
].join("\n");

if (process.argv.includes("--check")) {
  if (!existsSync("docs/reference.md") || readFileSync("docs/reference.md", "utf8") !== text) {
    console.error("docs/reference.md is out of date: node scripts/reference.mjs writes it");
    process.exitCode = 1;
  }
} else writeFileSync("docs/reference.md", text);
