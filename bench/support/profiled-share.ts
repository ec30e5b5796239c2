import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Node {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

interface Profile {
  readonly nodes: readonly Node[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/**
 * Share, 0–1, of a process' busy time that was spent in certain code, and in Node's own and native functions which that code called itself.
 * What it leaves to the garbage collector is not in it: V8 does not tell whose garbage it was.
 * @param folder of `--cpu-prof-dir`: one profile a thread
 * @param isMeant by the URL of a function's file
 */
export function profiledShare(folder: string, isMeant: (url: string) => boolean): number {
  let busy = 0;
  let meant = 0;
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"))) {
    const profile = JSON.parse(readFileSync(join(folder, file), "utf8")) as Profile;
    const counted = new Map<number, boolean>();
    const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
    const visit = (node: Node, inherited: boolean): void => {
      const { url } = node.callFrame;
      // Node's own functions and native ones belong to whoever called them.
      const is = url === "" || url.startsWith("node:") ? inherited : isMeant(url);
      counted.set(node.id, is);
      for (const child of node.children ?? []) {
        const next = nodes.get(child);
        if (next !== undefined) visit(next, is);
      }
    };
    const [root] = profile.nodes;
    if (root !== undefined) visit(root, false);
    profile.samples.forEach((id, at) => {
      const { functionName } = nodes.get(id)?.callFrame ?? { functionName: "(idle)" };
      if (functionName === "(idle)") return;
      const us = profile.timeDeltas[at] ?? 0;
      busy += us;
      if (counted.get(id) === true) meant += us;
    });
  }
  return meant / busy;
}
