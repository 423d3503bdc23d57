import { test } from "vitest";
import { rows, variants, plain, testOf, lockRows, programOf } from "./table.ts";
import { explore } from "../../dist/litmus/explore.js";
import { answer } from "../../dist/litmus/outcome.js";
test("x", () => {
  for (const m of ["sc","tso","pso"] as const) {
    let bad = 0, states = 0; const t0 = Date.now();
    for (const row of rows) {
      const t = testOf(row, plain); const e = explore(t.program, m); const a = answer(e, t.question); states += e.states;
      const target = row.quantifier === "forall" ? a.negative > 0 : a.positive > 0;
      if (target !== row[m].reachable || a.outcomes.length !== row[m].outcomes || e.outcomes.length !== row[m].allOutcomes || e.bounded || e.deadlock) { bad++; if (bad<5) console.log(m, row.name, target, a.outcomes.length, e.outcomes.length, row[m], e.bounded, e.deadlock); }
    }
    console.log(m, "bad", bad, states, Date.now()-t0);
  }
  for (const [v, orders] of Object.entries(variants)) {
    let bad = 0, states = 0; const t0 = Date.now();
    for (const row of rows) {
      const t = testOf(row, orders); const e = explore(t.program, "ra"); const a = answer(e, t.question); states += e.states;
      const target = row.quantifier === "forall" ? a.negative > 0 : a.positive > 0;
      if (target !== row.c11[v].reachable || a.outcomes.length !== row.c11[v].outcomes|| e.bounded || e.deadlock) { bad++; if (bad < 5) console.log(v, row.name, target, a.outcomes.length, row.c11[v], e.bounded); }
    }
    console.log(v, "bad", bad, states, Date.now()-t0);
  }
}, 300000);
test("locks", () => {
  for (const row of lockRows) for (const m of ["sc","tso","pso"] as const) {
    const t0 = Date.now();
    const p = programOf(row.name, row.init, row.threads, plain);
    const e = explore(p, m);
    console.log(row.name, m, row.expect[m], "|", e.collision ? "viol" : "", e.deadlock ? "dead":"", e.assertion?"assert":"", e.bounded ? "bounded":"", e.states, Date.now()-t0, row.final ? JSON.stringify(row.final)+ " " + e.names.join() + JSON.stringify(e.outcomes.slice(0,6)): "");
  }
}, 300000);
