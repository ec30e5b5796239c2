import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const documents = [
  "README.md",
  "CHANGELOG.md",
  "models/README.md",
  "training/README.md",
  "datasets/README.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
];

/** Links to files of the repository, without their `#anchor`. */
function linkedFiles(document: string): readonly string[] {
  const links = readFileSync(document, "utf8").matchAll(/\]\(([^)\s]+)\)/g);
  return [...links]
    .map(([, target = ""]) => target.split("#")[0] ?? "")
    .filter((target) => !/^([a-z]+:|$)/.test(target));
}

describe("links between documents", () => {
  it.each(documents)("lead to files that are there: %s", (document) => {
    const broken = linkedFiles(document).filter((target) => !existsSync(join(dirname(document), target)));
    expect(broken).toEqual([]);
  });
});

describe("docs/README.md", () => {
  it("leads to every guide and to every document beside it", () => {
    const linked = linkedFiles("docs/README.md");
    const all = ["", "guides/"].flatMap((folder) =>
      readdirSync(join("docs", folder))
        .filter((name) => name.endsWith(".md") && name !== "README.md")
        .map((name) => `${folder}${name}`),
    );
    expect(all.filter((name) => !linked.includes(name))).toEqual([]);
  });
});
