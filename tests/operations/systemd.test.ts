import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { environmentVariables } from "../../services/settings/index.ts";

const folder = "deploy/systemd";
const units = readdirSync(folder).filter((name) => name.endsWith(".service"));
const analyze = (...args: readonly string[]) =>
  execFileSync("systemd-analyze", [...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
/** Directive → its values. */
function directives(unit: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [, name = "", value = ""] of readFileSync(join(folder, unit), "utf8").matchAll(/^([A-Za-z]+)=(.*)$/gm))
    found.set(name, [...(found.get(name) ?? []), value]);
  return found;
}

describe.each(units)("%s", (unit) => {
  it("is a unit that systemd understands, to the last directive", () => {
    expect(analyze("verify", "--man=no", join(folder, unit))).toBe("");
  });

  it("is exposed no more than 1.5 of 10, by systemd's own measure", () => {
    // Ends with another status, and so throws, where the exposure is above the threshold.
    const said = analyze("security", "--offline=true", "--threshold=15", "--no-pager", join(folder, unit));
    expect(said).toContain("Overall exposure level");
  });

  it("starts a program that there is, as a user that is not root, in a tree it cannot write", () => {
    const set = directives(unit);
    const [, program] = /^\/usr\/bin\/env node bin\/run\.js (\w+)$/.exec(set.get("ExecStart")?.[0] ?? "") ?? [];
    expect(readFileSync("bin/run.js", "utf8")).toContain(`"${program}"`);
    expect(readdirSync("services/main")).toContain(`${program}.ts`);
    expect(set.get("User")).toEqual(["sektor"]);
    expect(set.get("ProtectSystem")).toEqual(["strict"]);
    expect(set.get("CapabilityBoundingSet")).toEqual([""]);
  });

  it("writes where its state folder is, by variables that exist", () => {
    const set = directives(unit);
    for (const line of set.get("Environment") ?? []) {
      const [name = "", value = ""] = line.split("=");
      if (name === "NODE_ENV") continue;
      expect(environmentVariables).toHaveProperty([name]);
      expect(value.startsWith(`/var/lib/${set.get("StateDirectory")?.[0]}/`), line).toBe(true);
    }
  });

  it("waits longer for the end of replies than the program waits itself", () => {
    const limitMs = Number(
      /usualCloseLimitMs = ([\d_]+)/
        .exec(readFileSync("services/main/run-process.ts", "utf8"))?.[1]
        ?.replaceAll("_", ""),
    );
    expect(Number(directives(unit).get("TimeoutStopSec")?.[0]) * 1000).toBeGreaterThan(limitMs);
  });
});

it("gives a graphics card back to a unit that asks for it, and nothing else", () => {
  const lines = readFileSync(join(folder, "gpu.conf"), "utf8").split("\n");
  const given = lines.filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("["));
  for (const line of given)
    expect(line).toMatch(/^(PrivateDevices=no|DevicePolicy=closed|DeviceAllow=char-(nvidia|nvidia-uvm|drm) rw)$/);
});
