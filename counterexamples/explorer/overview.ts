/** The picture of all states, or of the places where threads stand if those are too many, laid out for the page. */
import { pictureSteps, type StatePicture, TooLarge } from "../export/state-picture.ts";
import { breather } from "./breather.ts";
import { layered } from "./layout.ts";
import { pathText } from "./path.ts";
import type { Session } from "./session.ts";
import type { Overview } from "./view.ts";

/** States that are visited for it at most; the interpreter visits some ten thousand in a second. */
const mostStates = 50_000;
/** Milliseconds that it may take. */
const longest = 60_000;

export class OverviewMap {
  readonly overview: Overview;
  readonly #picture: StatePicture;

  private constructor(picture: StatePicture) {
    this.#picture = picture;
    const { graph } = picture;
    const keys = graph.nodes();
    const number = new Map(keys.map((key, index) => [key, index]));
    const labels = new Map<string, string>();
    graph.forEachEdge((_, { label }, source, target) => {
      const pair = `${number.get(source)} ${number.get(target)}`;
      const known = labels.get(pair);
      labels.set(pair, known === undefined ? label : known.split("\n").includes(label) ? known : `${known}\n${label}`);
    });
    const edges = [...labels].map(([pair, label]) => {
      const [from = 0, to = 0] = pair.split(" ").map(Number);
      return { from, to, label };
    });
    const { columns, rows, at } = layered(keys.length, edges);
    this.overview = {
      states: picture.states,
      quotient: picture.quotient,
      columns,
      rows,
      nodes: keys.map((key, index) => {
        const { label, role } = graph.getNodeAttributes(key);
        return { key, label, role: role === "initial" || role === "violation" ? role : "state", x: at[index]?.x ?? 0, y: at[index]?.y ?? 0 };
      }),
      edges,
    };
  }

  /** Explores the protocol, giving way to other work. Throws `TooLarge`, or the signal's reason. */
  static async make({ instance, system }: Session, signal: AbortSignal): Promise<OverviewMap> {
    const steps = pictureSteps(instance, system, { mostStates });
    const pause = breather();
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) return new OverviewMap(step.value);
      const spent = await pause();
      signal.throwIfAborted();
      if (spent > longest) throw new TooLarge(`exploring it takes more than ${longest / 1000} seconds; make it smaller with --param`);
    }
  }

  /** The node of each state along a path, where it is known. */
  async places(session: Session, path: string): Promise<readonly (string | null)[]> {
    return (await session.statesOf(path)).map((state) => this.#picture.nodeOf(state));
  }

  /** A shortest path to a node; null if there is no such node. */
  pathTo(key: string): string | null {
    return this.#picture.graph.hasNode(key) ? pathText(this.#picture.pathTo(key)) : null;
  }
}
