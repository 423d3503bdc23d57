/** A project of its own in the temporary folder, for tests of loading and of the command line. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Project {
  readonly root: string;
  path(name: string): string;
  write(name: string, text: string): string;
  remove(): void;
}

export function project(): Project {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "ipc-check-test-")));
  const write = (name: string, text: string): string => {
    const file = join(root, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  write("package.json", '{ "name": "project", "private": true, "type": "module" }');
  return { root, path: (name) => join(root, name), write, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** A small protocol that holds: two threads, one cell. */
export const counter = `import { int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

export default protocol("counter", {
  kernel: shm.kernel(),
  memory: { count: int(0, 2) },
  threads: {
    adder: {
      count: 2,
      *run({ count }) {
        yield* count.fetchAdd(1);
      },
    },
  },
});
`;
