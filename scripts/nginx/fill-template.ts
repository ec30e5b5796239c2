/** What stands for `{{name}}`: a value, or whole lines. */
export type TemplateValues = Readonly<Record<string, string | readonly string[]>>;

/**
 * Puts values in. Where lines take the place of a line of its own, each is indented as that was; none, and the line goes.
 * @throws {Error} a name has no value
 */
export function fillTemplate(template: string, values: TemplateValues, onUsed: (name: string) => void): string {
  const standFor = (name: string): readonly string[] => {
    const value = values[name];
    if (value === undefined) throw new Error(`Nothing stands for {{${name}}}.`);
    onUsed(name);
    return typeof value === "string" ? [value] : value;
  };
  return template
    .split("\n")
    .flatMap((line) => {
      const [, indent = "", alone] = /^(\s*)\{\{(\w+)\}\}$/.exec(line) ?? [];
      if (alone !== undefined) return standFor(alone).map((one) => (one === "" ? "" : `${indent}${one}`));
      return [line.replaceAll(/\{\{(\w+)\}\}/g, (_all, name: string) => standFor(name).join(" "))];
    })
    .join("\n");
}
