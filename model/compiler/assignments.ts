/** Declarations of locals, assignments to locals, ghost and kernel state. */
import type { AssignmentExpression, Expression, UpdateExpression } from "@oxc-project/types";
import type { DomainShape } from "../language/domain.ts";
import { type Context, adopt, asStruct, keep, readSlot, slotFor, store } from "./context.ts";
import { joinPath, leafOf } from "./domains.ts";
import { register } from "./expr.ts";
import { compute, evaluate, propertyName, requireValue } from "./expressions.ts";
import { field, indexInto } from "./members.ts";
import { reject, type Span } from "./problem.ts";
import type { Scope, Slot } from "./scope.ts";
import { asCell, flatten, writeCell, writeDomain } from "./storage.ts";
import { hasEffects, strip } from "./syntax.ts";
import { describe, native, scalar, type Value } from "./values.ts";

/** Whatever binds names: a pattern of a parameter or a declarator. */
type Pattern = import("@oxc-project/types").BindingPattern;

/** Binds the names of a pattern that are never assigned again. */
export function bindConstant(cx: Context, pattern: Pattern, value: Value, scope: Scope, span: Span, parameter: boolean = false): void {
  requireValue(value, scope, span);
  destructure(cx, pattern, value, scope, span, (name, part) => {
    scope.declare(name, { kind: "constant", value: pin(cx, name, part), parameter });
  });
}

/** Binds the names of a pattern as variables. */
export function bindVariable(cx: Context, pattern: Pattern, value: Value, scope: Scope, span: Span): void {
  requireValue(value, scope, span);
  destructure(cx, pattern, value, scope, span, (name, part, at) => {
    const slot = adopt(cx, name, part, "variable");
    if (slot !== null) {
      scope.declare(name, { kind: "variable", name, slot, declared: null });
      return;
    }
    scope.declare(name, { kind: "variable", name, slot: newSlot(cx, name, part, scope, at, span), declared: null });
  });
}

function newSlot(cx: Context, name: string, value: Value, scope: Scope, declaration: Span, span: Span): Slot {
  const slot = slotFor(cx, name, value, "variable", `${scope.module.file}:${declaration.start}`);
  if (slot === null) {
    const hint =
      value.kind === "closure" || (value.kind === "native" && typeof value.value === "function")
        ? "declare functions with const"
        : "locals are integers, booleans, strings, thread ids and records of them; use const for anything that does not change";
    return reject("IPC148", `${describe(value)} cannot be kept in a variable`, scope.module, span, hint);
  }
  store(cx, slot, value, scope, span);
  return slot;
}

/** A local with a declared range: `local(int(0, 3), 0)`. */
export function bindDeclared(cx: Context, name: string, domain: DomainShape, value: Value, scope: Scope, span: Span): void {
  const make = (domain: DomainShape, path: string): Slot => {
    if (domain.kind === "record")
      return { kind: "record", guard: null, fields: new Map(Object.entries(domain.fields).map(([field, of]) => [field, make(of, joinPath(path, field))])) };
    const leaf = leafOf(domain, cx.program.sizes);
    if (leaf === null) return reject("IPC149", `a local cannot be a ${domain.kind}`, scope.module, span, "use a scalar domain or a record of them");
    const { id } = cx.program.register(path, leaf.type, "variable");
    cx.visible.push(id);
    return { kind: "scalar", register: id };
  };
  const slot = make(domain, name);
  scope.declare(name, { kind: "variable", name, slot, declared: domain });
  storeDeclared(cx, name, slot, domain, value, scope, span);
}
function storeDeclared(cx: Context, name: string, slot: Slot, domain: DomainShape, value: Value, scope: Scope, span: Span): void {
  // Kept first: the value may be made of the variable's own fields.
  for (const { path, expr } of flatten(cx, domain, domain.kind === "record" ? keep(cx, value) : value, name, scope, span)) {
    let target: Slot | undefined = slot;
    for (const part of path === "" ? [] : path.split(".")) target = target?.kind === "record" ? target.fields.get(part) : undefined;
    if (target?.kind === "scalar") cx.graph.set(target.register, expr);
  }
}

/** Stores the scalars of a value in registers of that name, so that it can be read for the rest of the scope. */
function pin(cx: Context, name: string, value: Value): Value {
  switch (value.kind) {
    case "scalar": {
      if (value.expr.op === "const") return value;
      if (value.expr.op === "temp") {
        const known = cx.program.registers[value.expr.temp];
        if (known?.hidden === true) {
          known.name = name;
          known.hidden = false;
          cx.visible.push(known.id);
          return value;
        }
        if (known?.constant === true) {
          // A constant of a helper that has returned lives on under this name.
          if (!cx.visible.includes(known.id)) cx.visible.push(known.id);
          return value;
        }
      }
      const { id } = cx.program.register(name, value.type, "constant");
      cx.visible.push(id);
      cx.graph.set(id, value.expr);
      return scalar(register(id), value.type);
    }
    case "record":
      return { ...value, fields: new Map([...value.fields].map(([field, part]) => [field, pin(cx, joinPath(name, field), part)])) };
    case "list":
      return { ...value, items: value.items.map((item, i) => pin(cx, `${name}[${i}]`, item)) };
    default:
      return keep(cx, value);
  }
}

/** Walks a pattern; reading a field of a result may be a violation, exactly as it is natively. */
function destructure(cx: Context, pattern: Pattern, value: Value, scope: Scope, span: Span, bind: (name: string, value: Value, span: Span) => void): void {
  switch (pattern.type) {
    case "Identifier":
      bind(pattern.name, value, pattern);
      return;
    case "AssignmentPattern": {
      const given = value.kind === "native" && value.value === undefined ? evaluate(cx, pattern.right, scope) : value;
      destructure(cx, pattern.left, given, scope, pattern.right, bind);
      return;
    }
    case "ObjectPattern":
      for (const property of pattern.properties) {
        if (property.type === "RestElement") return reject("IPC113", "rest patterns cannot be compiled", scope.module, property, "name the fields");
        destructure(
          cx,
          property.value,
          field(cx, value, propertyName(cx, property.key as Expression, property.computed, scope), scope, property),
          scope,
          property,
          bind,
        );
      }
      return;
    case "ArrayPattern":
      for (const [i, part] of pattern.elements.entries()) {
        if (part === null) continue;
        if (part.type === "RestElement") return reject("IPC113", "rest patterns cannot be compiled", scope.module, part, "name the elements");
        destructure(cx, part, indexInto(cx, value, native(i), scope, part), scope, part, bind);
      }
      return;
    default:
      return reject("IPC100", "this pattern cannot be compiled", scope.module, span);
  }
}

export function assign(cx: Context, node: AssignmentExpression, scope: Scope): Value {
  const target = node.left;
  if (target.type === "ObjectPattern" || target.type === "ArrayPattern")
    return reject("IPC153", "a pattern is assigned to", scope.module, node, "assign to each variable by itself");
  const place = strip(target as Expression);
  if (node.operator === "=") {
    const write = placeOf(cx, place, scope, hasEffects(node.right));
    const value = evaluate(cx, node.right, scope);
    requireValue(value, scope, node.right);
    return write.set(value, node);
  }
  if (["&&=", "||=", "??="].includes(node.operator))
    return reject("IPC119", `the operator ${node.operator} cannot be compiled`, scope.module, node, "write it out: if (…) x = …");
  const write = placeOf(cx, place, scope, hasEffects(node.right));
  const before = hasEffects(node.right) ? keep(cx, write.get()) : write.get();
  const operator = node.operator.slice(0, -1);
  if (operator === "/") return reject("IPC110", "a bare division can leave the integers", scope.module, node, "write x = Math.floor(x / y)");
  const value = evaluate(cx, node.right, scope);
  requireValue(value, scope, node.right);
  return write.set(compute(cx, operator, before, value, scope, node, node.left, node.right), node);
}

export function update(cx: Context, node: UpdateExpression, scope: Scope): Value {
  const write = placeOf(cx, strip(node.argument as Expression), scope, false);
  const before = keep(cx, write.get());
  const after = compute(cx, node.operator === "++" ? "+" : "-", before, native(1), scope, node);
  const stored = write.set(after, node);
  return node.prefix ? stored : before;
}

interface Place {
  get(): Value;
  /** Returns the value stored. */
  set(value: Value, span: Span): Value;
}

/** What is assigned to. `stable`: later effects must not change which place it is. */
function placeOf(cx: Context, target: Expression, scope: Scope, stable: boolean): Place {
  if (target.type === "Identifier") return localPlace(cx, target.name, scope, target);
  if (target.type !== "MemberExpression")
    return reject("IPC153", "this cannot be assigned to", scope.module, target, "assign to a local, to .value of ghost memory, or to kernel state");
  const evaluated = evaluate(cx, target.object, scope);
  const object = stable ? keep(cx, evaluated) : evaluated;
  if (target.computed)
    return reject(
      "IPC153",
      "elements cannot be assigned to",
      scope.module,
      target,
      object.kind === "array" ? "write .set(index, value)" : "declare memory: array(n, …) and write .at(i).value or yield* ….at(i).write(…)",
    );
  const name = propertyName(cx, target.property as Expression, false, scope);
  const cell = asCell(object);
  if (cell !== null && name === "value") {
    return {
      get: () => field(cx, object, name, scope, target),
      set: (value, span) => {
        writeCell(cx, cell, value, scope, span);
        return value;
      },
    };
  }
  if (object.kind === "group") {
    const domain = object.fields[name];
    if (domain === undefined)
      return reject("IPC125", `the state "${object.path}" has no field "${name}"`, scope.module, target, `it has ${Object.keys(object.fields).join(", ")}`);
    if (domain.kind === "queue" || domain.kind === "array")
      return reject("IPC153", `a whole ${domain.kind} cannot be assigned to`, scope.module, target, "change its elements");
    if (!cx.may.write) return reject("IPC151", `${cx.may.what} must not change anything`, scope.module, target, "assign in the `do` of a rule");
    return {
      get: () => field(cx, object, name, scope, target),
      set: (value, span) => {
        writeDomain(cx, domain, joinPath(object.path, name), object.owner, value, joinPath(object.path, name), scope, span);
        return value;
      },
    };
  }
  if (asStruct(object) !== null)
    return reject(
      "IPC154",
      "records are values: a field of one cannot be assigned to",
      scope.module,
      target,
      "assign a whole new record: r = { ...r, field: value }",
    );
  return reject(
    "IPC153",
    `a field of ${describe(object)} cannot be assigned to`,
    scope.module,
    target,
    "assign to a local, to .value of ghost memory, or to kernel state",
  );
}

function localPlace(cx: Context, name: string, scope: Scope, span: Span): Place {
  const found = scope.find(name);
  if (found === null) {
    if (scope.source.captures(name))
      return reject("IPC155", `"${name}" belongs to the module and cannot be assigned to`, scope.module, span, "declare shared state under `memory`");
    return reject("IPC121", `"${name}" is not known here`, scope.module, span, "declare it with let");
  }
  const { binding } = found;
  if (binding.kind === "constant") {
    if (binding.parameter)
      return reject(
        "IPC147",
        `the parameter "${name}" is assigned to`,
        scope.module,
        span,
        `copy it first: let my${name[0]?.toUpperCase() ?? ""}${name.slice(1)} = ${name}`,
      );
    return reject("IPC146", `the constant "${name}" is assigned to`, scope.module, span, "declare it with let");
  }
  if (found.scope.owner !== scope.owner)
    return reject(
      "IPC156",
      `"${name}" belongs to the function around this one and cannot be assigned to here`,
      scope.module,
      span,
      "return the new value and assign it outside",
    );
  return {
    get: () =>
      binding.slot === null
        ? reject("IPC140", `"${name}" is read before it has a value`, scope.module, span, "give it a value where it is declared")
        : readSlot(cx, binding.slot),
    set: (value, at) => {
      if (binding.slot === null) binding.slot = newSlot(cx, name, value, scope, at, at);
      else if (binding.declared !== null) storeDeclared(cx, name, binding.slot, binding.declared, value, scope, at);
      else store(cx, binding.slot, value, scope, at);
      return readSlot(cx, binding.slot);
    },
  };
}
