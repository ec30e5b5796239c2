import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { environmentVariables, loadSectors, loadSettings, SettingsError } from "../../../services/settings/index.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (yaml: string): void => writeFileSync(join(folder, "default.yaml"), yaml);
beforeEach(() => write(""));

function faultsOf(load: () => unknown): readonly string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
  return [];
}

describe("loadSettings", () => {
  it("has a default for everything", () => {
    const settings = loadSettings(join(folder, "missing"), {});
    expect(settings.http).toMatchObject({ host: "127.0.0.1", port: 8000 });
    expect(settings.inference).toMatchObject({ engine: "embedded", threads: 0 });
    expect(settings).toEqual(loadSettings(folder, {}));
  });

  it("lets the file override defaults and the environment override the file", () => {
    write("http:\n  port: 9000\nchat:\n  temperature: 0.9\n");
    expect(loadSettings(folder, {}).http.port).toBe(9000);
    const settings = loadSettings(folder, { SEKTOR_PORT: "9001" });
    expect([settings.http.port, settings.chat.temperature]).toEqual([9001, 0.9]);
  });

  it("wants the server named for storage in Postgres, and says no part of a wrong one", () => {
    const postgres = (url: string) =>
      faultsOf(() => loadSettings(folder, { SEKTOR_STORAGE: "postgres", SEKTOR_POSTGRES_URL: url }));
    expect(postgres("")).toEqual([expect.stringContaining("SEKTOR_POSTGRES_URL")]);
    expect(postgres("mysql://root:gizli@x")).toEqual([expect.not.stringContaining("gizli")]);
    expect(postgres("postgres://sektor@db/sektor")).toEqual([]);
  });

  it("takes an empty variable as not set", () => {
    expect(loadSettings(folder, { SEKTOR_PORT: "" }).http.port).toBe(8000);
  });

  it("splits lists at commas", () => {
    const settings = loadSettings(folder, {
      SEKTOR_WARM: "a@1, b@1,",
      SEKTOR_PINNED: "legal,a@1",
      SEKTOR_CORS_ORIGINS: "https://x.example",
    });
    expect(settings.inference.warm).toEqual(["a@1", "b@1"]);
    expect(settings.inference.pinned).toEqual(["legal", "a@1"]);
    expect(settings.http.corsOrigins).toEqual(["https://x.example"]);
  });

  it("reads switches and numbers", () => {
    const settings = loadSettings(folder, { SEKTOR_MMAP: "false", SEKTOR_GPU_LAYERS: "-1", SEKTOR_TEMPERATURE: "0.5" });
    expect(settings.inference).toMatchObject({ useMmap: false, gpuLayers: -1 });
    expect(settings.chat.temperature).toBe(0.5);
  });

  it("keeps texts that look like numbers as they are written", () => {
    const settings = loadSettings(folder, {
      SEKTOR_ADAPTERS: "2024",
      SEKTOR_MODEL_ID: "007",
      HF_TOKEN: "true",
      SEKTOR_DATA: "1e3",
      SEKTOR_ROUTER: "5",
    });
    expect(settings.model).toMatchObject({ adapterFolder: "2024", id: "007", hubToken: "true" });
    expect([settings.storage.folder, settings.routing.weightsFolder]).toEqual(["1e3", "5"]);
  });

  it("names every fault at once, with the variable it came from", () => {
    write("http:\n  port: 70000\nchat:\n  temperature: hot\n");
    const faults = faultsOf(() => loadSettings(folder, { SEKTOR_THREADS: "-3", SEKTOR_GPU: "magic" }));
    expect(faults.some((fault) => fault.startsWith("/http/port: ") && fault.includes("SEKTOR_PORT"))).toBe(true);
    expect(faults.some((fault) => fault.startsWith("/chat/temperature: "))).toBe(true);
    expect(faults.some((fault) => fault.startsWith("/inference/threads: ") && fault.includes("SEKTOR_THREADS"))).toBe(
      true,
    );
    expect(faults.some((fault) => fault.startsWith("/inference/gpu: ") && fault.includes("SEKTOR_GPU"))).toBe(true);
  });

  it("refuses keys it does not know, by name", () => {
    write("http:\n  prot: 80\nmodle: {}\n");
    const faults = faultsOf(() => loadSettings(folder, {})).join("\n");
    expect(faults).toContain("prot");
    expect(faults).toContain("modle");
  });

  it("refuses a file that is no mapping or no YAML", () => {
    for (const yaml of ["- a\n- b\n", "just text", "http: [1, 2", "a: b: c"]) {
      write(yaml);
      expect(faultsOf(() => loadSettings(folder, {}))[0], yaml).toContain("default.yaml");
    }
  });

  it("refuses a branch that is no mapping", () => {
    write("http: 5\n");
    expect(faultsOf(() => loadSettings(folder, {})).join()).toContain("/http");
  });

  it("does not carry secrets in its faults", () => {
    const faults = faultsOf(() => loadSettings(folder, { SEKTOR_API_KEY_SHA256: "gizli-anahtar" }));
    expect(faults).not.toHaveLength(0);
    expect(faults.join()).not.toContain("gizli");
  });

  it("lists no variable for a place that does not exist", () => {
    const settings = loadSettings(folder, {});
    for (const path of Object.values(environmentVariables)) {
      const value = path.split(".").reduce<unknown>((tree, key) => (tree as Record<string, unknown>)[key], settings);
      expect(value, path).not.toBeUndefined();
    }
  });
});

describe("loadSectors", () => {
  const path = join(folder, "sectors.yaml");
  const load = (yaml: string) => {
    writeFileSync(path, yaml);
    return loadSectors(path);
  };
  const sector = (id: string, more = ""): string =>
    `  - id: ${id}\n    name: { tr: Ad, en: Name }\n    systemPrompt: Sen.\n${more}`;
  const fallback = "fallback:\n  systemPrompt: Yedek.\n";

  it("answers sectors by id", () => {
    const sectors = load(`sectors:\n${sector("legal")}${sector("energy", "    threshold: 0.4\n")}${fallback}`);
    expect(sectors.all.map(({ id }) => id)).toEqual(["legal", "energy"]);
    expect(sectors.byId("energy")).toMatchObject({ threshold: 0.4 });
    expect(sectors.byId("yok")).toBeUndefined();
    expect(sectors.fallbackSystemPrompt).toBe("Yedek.");
  });

  it("names every fault at once", () => {
    const faults = faultsOf(() => load(`sectors:\n${sector("Bad Id")}${sector("legal", "    threshold: 2\n")}`)).join(
      "\n",
    );
    expect(faults).toContain("/sectors/0/id");
    expect(faults).toContain("/sectors/1/threshold");
    expect(faults).toContain("fallback");
  });

  it("refuses the same id twice and a file without sectors", () => {
    expect(faultsOf(() => load(`sectors:\n${sector("legal")}${sector("legal")}${fallback}`)).join()).toContain(
      "unique",
    );
    expect(faultsOf(() => load(`sectors: []\n${fallback}`)).join()).toContain("/sectors");
  });

  it("reads the 22 sectors of this repository", () => {
    const sectors = loadSectors(new URL("../../../configs/sectors.yaml", import.meta.url).pathname);
    expect(sectors.all).toHaveLength(22);
    expect(sectors.byId("telecommunications")?.name.tr).toBe("Telekomünikasyon");
  });
});
