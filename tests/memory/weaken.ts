/** Puts random memory orders on the accesses and fences of a protocol's source, and a memory model beside its scheduling. */

/** A number below the limit. */
export type Draw = (limit: number) => number;

const orders = {
  load: ["relaxed", "acquire", "seq_cst", "relaxed"],
  store: ["relaxed", "release", "relaxed", "seq_cst", "release", "relaxed"],
  update: ["relaxed", "acquire", "release", "acq_rel", "seq_cst"],
  fence: ["seq_cst", "release", "acquire", "acq_rel"],
} as const;

const kindOf = { load: "load", store: "store", exchange: "update", fetchAdd: "update", compareExchange: "update" } as const;

/** The same text with orders; those accesses that have none stay seq_cst. */
export function weaken(text: string, draw: Draw): string {
  let result = "";
  let rest = text;
  const call = /\.(load|store|exchange|fetchAdd|compareExchange)\(|\bfence\(\)/;
  for (let found = call.exec(rest); found !== null; found = call.exec(rest)) {
    const at = found.index + found[0].length;
    result += rest.slice(0, found.index);
    const name = found[1] as keyof typeof kindOf | undefined;
    if (name === undefined) {
      result += `fence("${orders.fence[draw(orders.fence.length)]}")`;
      rest = rest.slice(at);
      continue;
    }
    const end = closing(rest, at);
    const args = weaken(rest.slice(at, end), draw);
    const choice = orders[kindOf[name]];
    result += `${found[0]}${args}${args === "" ? "" : ", "}"${choice[draw(choice.length)]}")`;
    rest = rest.slice(end + 1);
  }
  return result + rest;
}

/** Where the parenthesis that is open at `from` closes. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "(") depth++;
    if (text[at] === ")" && --depth === 0) return at;
  }
  throw new Error("a parenthesis does not close");
}

export function onMemory(text: string, model: string, bounds: { readonly buffer: number; readonly messages: number }): string {
  return text.replace(/\n {2}scheduling: /, `\n  memoryModel: { model: "${model}", buffer: ${bounds.buffer}, messages: ${bounds.messages} },\n  scheduling: `);
}
