// Unused files, exports and packages. Tests import the built dist/; for knip those imports lead to the sources.
const sources = (text) => text.replace(/(["'`])((?:\.\.\/)+)dist\/([\w./-]+)\.js\1/g, "$1$2$3.ts$1");

export default {
  entry: [
    "cli/main.ts",
    "hardware/index.ts",
    "checker/naive/index.ts",
    "counterexamples/explorer/page/main.ts",
    "kernel/*/path.ts",
    "model/loader/instrument-dist.ts",
    "scripts/*.mjs",
    "bench/*.mjs",
    "specs/**/*.ts",
    "templates/*.ts",
    "bench/specs/*.ts",
    "tests/**/*.ts",
  ],
  project: ["{model,checker,kernel,hardware,counterexamples,cost,cli,litmus}/**/*.ts", "{scripts,bench}/**/*.mjs"],
  ignoreExportsUsedInFile: true,
  exclude: ["types"],
  // The yardstick of the exporter and the benchmark, and the program that it generates.
  ignoreBinaries: ["spin", "rumur", "gcc"],
  ignoreUnresolved: ["./pan", "./model"],
  // Read as data: the schema of SARIF.
  ignoreDependencies: ["schemastore"],
  // The functions that instrumented modules call.
  ignoreIssues: { "model/loader/registry.ts": ["exports"] },
  compilers: { ts: sources, mjs: sources },
};
