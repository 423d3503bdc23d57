/** The directions of docs/architecture.md: cli → counterexamples → checker → model; counterexamples → kernel → hardware. */
/** A package that has declarations only; there is nothing to resolve. */
const typesOnly = "^@oxc-project/types$";
const only = (name, from, to, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: from },
  to: { pathNot: [typesOnly, ...to.map((path) => `^${path}`)], dependencyTypesNot: ["core", "npm", "npm-dev"] },
});

const executableKernel = ["^kernel/common/", "^kernel/.*path\\.ts$"];
const executable = ["^hardware/", ...executableKernel];

module.exports = {
  forbidden: [
    only("formulas", "^model/ltl/", ["model/ltl/"], "temporal logic depends on nothing"),
    only("language", "^model/language/", ["model/language/", "model/ltl/"], "the language depends on nothing but formulas"),
    only("system", "^model/system/", ["model/(language|ltl|system)/"], "the transition system knows the language's words, not its source"),
    only("memory models", "^model/memory/", ["model/(language|system|memory)/"], "memory models rewrite transition systems"),
    only("litmus", "^litmus/", ["litmus/", "model/"], "litmus tests are checked by enumerators of their own"),
    only("loader", "^model/loader/", ["model/language/", "model/loader/"], "loading knows no compiler"),
    only("compiler", "^model/compiler/", ["model/"], "the model knows no checker"),
    only(
      "checker",
      "^checker/(engine|properties)/",
      ["model/(language|ltl|system)/", "checker/(engine|properties)/", "checker/result\\.ts"],
      "the engine sees the transition system only",
    ),
    only(
      "naive checker",
      "^checker/naive/",
      ["model/(language|loader)/", "model/ltl/(formula|parse)\\.ts", "checker/naive/", "checker/result\\.ts"],
      "the naive checker is an oracle: it shares the parser with the engine, nothing else",
    ),
    only("hardware", "^hardware/", ["hardware/"], "hardware knows no kernel"),
    only("kernel rules", "^kernel/(?!common/|.*path\\.ts$)", ["model/language/", "kernel/"], "rules are written in the language"),
    only("kernel paths", executableKernel, ["model/language/", "kernel/", "hardware/"], "executable kernels run on the hardware"),
    {
      name: "rules without paths",
      comment: "the abstract rules and the executable path are written independently",
      severity: "error",
      from: { path: "^kernel/[^/]+/(rules|notification)\\.ts$" },
      to: { path: executable, dynamic: false },
    },
    {
      name: "paths without rules",
      comment: "the abstract rules and the executable path are written independently",
      severity: "error",
      from: { path: executable },
      to: { path: "^kernel/[^/]+/rules\\.ts$" },
    },
    only("counterexamples", "^counterexamples/", ["counterexamples/", "checker/", "model/", "kernel/", "hardware/"], "nothing below knows the command line"),
    only(
      "cost",
      "^cost/",
      ["cost/", "counterexamples/export/xml\\.ts", "model/language/", "kernel/common/", "kernel/[^/]+/index\\.ts", "hardware/"],
      "costs are measured on executable kernels, whatever was checked",
    ),
    only(
      "command line",
      "^cli/",
      ["litmus/", "cli/", "cost/", "counterexamples/", "checker/", "model/"],
      "the command line reaches kernels through specifications only",
    ),
    {
      name: "no cycles between folders",
      comment: "a tree walker may be cut into files that call each other; folders depend one way",
      severity: "error",
      from: { path: "^((?:model|checker|kernel)/[^/]+|[^/]+)/" },
      to: { circular: true, via: { pathNot: "^$1/" }, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true, pathNot: typesOnly } },
    {
      name: "no development packages",
      severity: "error",
      from: { path: "^(model|checker|kernel|hardware|counterexamples|cost|cli|litmus)/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // `node` is the reference to Node's types, not a module.
    exclude: { path: "(^|/)dist/|^node$" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".json"], exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
