import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import * as Schema from "typebox/schema";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readDockerfile } from "../../../scripts/containers/dockerfile.ts";
import { makeSecrets } from "../../../scripts/containers/secret-files.ts";
import { environmentVariables, loadSettings } from "../../../services/settings/index.ts";
import { composeSchema, composeText, readCompose, root } from "./compose-file.ts";

const compose = readCompose();
const services = Object.entries(compose.services);
const service = (name: string) => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
};
const ours = services.filter(([, { build }]) => build !== undefined);
const settings = loadSettings(`${root}configs`, {});
/** What is read by Compose itself and by nothing in a container. */
const composeOnly = [
  "SEKTOR_SECRETS",
  "SEKTOR_IMAGE",
  "SEKTOR_CUDA_IMAGE",
  "SEKTOR_MODELS",
  "SEKTOR_INFER_CPUS",
  "SEKTOR_INFER_MEMORY",
  "SEKTOR_METRICS_KEPT",
  "SEKTOR_OWN_SETTINGS",
  // Prometheus' own.
  "SEKTOR_RUNBOOK_BASE",
];

describe("docker-compose.yml", () => {
  it("is what the Compose Specification allows", () => {
    const [holds, faults] = Schema.Errors(composeSchema(), compose);
    expect(holds ? [] : faults.map(({ instancePath, message }) => `${instancePath} ${message}`)).toEqual([]);
  });

  it("would be refused by that specification with a word it does not know", () => {
    const wrong = structuredClone(compose) as unknown as { services: Record<string, Record<string, unknown>> };
    const redis = wrong.services["redis"];
    if (redis === undefined) throw new Error("no redis");
    redis["depend_on"] = {};
    expect(Schema.Check(composeSchema(), wrong)).toBe(false);
  });

  it("has every part of the stack", () => {
    expect(services.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        "turkish-ai-agent",
        "infer",
        "infer-gpu",
        "work",
        "migrate",
        "redis",
        "postgres",
        "nginx",
        "prometheus",
        "alertmanager",
        "grafana",
        "nginx-exporter",
        "redis-exporter",
        "postgres-exporter",
      ]),
    );
  });

  it("starts the same under the profiles cpu and gpu, but for the engine", () => {
    const of = (profile: string) =>
      services.filter(([, { profiles }]) => profiles?.includes(profile)).map(([name]) => name);
    expect(of("cpu").filter((name) => !of("gpu").includes(name))).toEqual(["infer"]);
    expect(of("gpu").filter((name) => !of("cpu").includes(name))).toEqual(["infer-gpu"]);
    expect(services.filter(([, { profiles }]) => profiles === undefined)).toEqual([]);
  });

  it("reserves a GPU for the engine of the profile gpu, under the name that gateways ask for", () => {
    const { deploy, networks, build } = service("infer-gpu");
    expect(deploy?.resources.reservations?.devices).toEqual([{ driver: "nvidia", count: 1, capabilities: ["gpu"] }]);
    expect(networks).toEqual({ sektor: { aliases: ["infer"] } });
    expect(build?.target).toBe("cuda");
  });

  it("builds targets that the Dockerfile has", () => {
    const targets = readDockerfile(`${root}Dockerfile.serve`).stages.map(({ name }) => name);
    for (const [, { build }] of ours) expect(targets).toContain(build?.target);
  });

  it("takes images by whole versions, never latest", () => {
    const images = services.filter(([, { build }]) => build === undefined).map(([, { image }]) => image ?? "");
    expect(images.length).toBe(9);
    for (const image of images) expect(image).toMatch(/^[a-z0-9/_-]+:v?\d+\.\d+\.\d+(-[a-z0-9]+)?$/);
  });

  it("lets the gateways be as many as one likes: no name and no port of the machine is theirs", () => {
    const gateway = service("turkish-ai-agent");
    expect(gateway.container_name).toBeUndefined();
    expect(gateway.ports).toBeUndefined();
    // A named volume would be one folder for all, and one process at a time may have it.
    expect(gateway.volumes).toEqual(["/data"]);
  });

  it("publishes nothing beyond loopback but nginx", () => {
    const open = services
      .filter(([, { ports = [] }]) => ports.some((port) => !port.startsWith("127.0.0.1:")))
      .map(([name]) => name);
    expect(open).toEqual(["nginx"]);
    // The last is the operators'.
    expect(service("nginx").ports).toEqual(["80:80", "443:443", "8765:8765", "127.0.0.1:8444:8444"]);
    expect(services.filter(([, { network_mode: mode }]) => mode === "host")).toEqual([]);
  });

  it.each(services)(
    "%s may fill its folders in memory and still have memory to run in",
    (_name, { tmpfs = [], deploy }) => {
      const usual = (text: string): string => text.replace(/^\$\{\w+:-(\w+)\}$/, "$1");
      const bytes = (text: string): number => {
        const [, size = "", unit = ""] = /^(\d+)([kmg])$/.exec(usual(text).toLowerCase()) ?? [];
        return Number(size) * 1024 ** ("kmg".indexOf(unit) + 1);
      };
      const folders = tmpfs.map((one) => bytes(/size=(\w+)/.exec(one)?.[1] ?? ""));
      const sum = folders.reduce((all, size) => all + size, 0);
      expect(sum + bytes("32m")).toBeLessThanOrEqual(bytes(deploy?.resources.limits.memory ?? ""));
    },
  );

  it("lives in one network, where nginx has the address that gateways believe", () => {
    expect(compose.networks.sektor.ipam.config[0]?.subnet).toBe("172.20.0.0/16");
    const { sektor } = service("nginx").networks as { sektor: { ipv4_address: string } };
    expect(service("turkish-ai-agent").environment?.["SEKTOR_TRUST_PROXY"]).toBe(sektor.ipv4_address);
    // Docker hands out addresses from there only, so it never gives nginx' away.
    expect(compose.networks.sektor.ipam.config[0]?.ip_range).toBe("172.20.128.0/17");
    expect(Object.keys(compose.networks)).toEqual(["sektor"]);
  });

  it.each(services)(
    "%s runs without rights: a user by number, a root nobody can write to, no capability",
    (_name, one) => {
      expect(one.read_only).toBe(true);
      expect(one.cap_drop).toEqual(["ALL"]);
      expect(one.security_opt).toContain("no-new-privileges:true");
      if (one.user === undefined) expect(one.image).toMatch(/^nginx\/nginx-prometheus-exporter/);
      else expect(one.user).toMatch(/^[1-9]\d*:\d+$/);
    },
  );

  it.each(services)("%s may take so much and no more", (_name, { deploy }) => {
    expect(deploy?.resources.limits.memory).toMatch(/\d+[MG]/);
    expect(deploy?.resources.limits.cpus).toBeDefined();
  });

  it("starts each after those it cannot do without, when they are well", () => {
    const gateway = service("turkish-ai-agent").depends_on ?? {};
    expect(gateway["migrate"]?.condition).toBe("service_completed_successfully");
    for (const name of ["postgres", "redis", "infer", "infer-gpu"])
      expect(gateway[name]?.condition).toBe("service_healthy");
    // Of the two engines only the profile's own is there.
    expect([gateway["infer"]?.required, gateway["infer-gpu"]?.required]).toEqual([false, false]);
    expect(service("nginx").depends_on?.["turkish-ai-agent"]?.condition).toBe("service_healthy");
    expect(service("migrate").depends_on?.["postgres"]?.condition).toBe("service_healthy");
  });

  it("waits for nobody's health who cannot say how it is", () => {
    for (const [name, { depends_on: needs = {} }] of services)
      for (const [other, { condition }] of Object.entries(needs))
        if (condition === "service_healthy")
          expect([name, other, service(other).healthcheck !== undefined]).toEqual([name, other, true]);
  });

  it("has no circle of those who wait", () => {
    const waitsFor = (name: string, seen: readonly string[]): void => {
      expect(seen).not.toContain(name);
      for (const other of Object.keys(service(name).depends_on ?? {})) waitsFor(other, [...seen, name]);
    };
    for (const [name] of services) waitsFor(name, []);
  });

  it("tells our programs only what the settings know", () => {
    for (const [name, { environment = {} }] of ours) {
      const variables = Object.keys(environment).map((variable) => variable.replace(/_FILE$/, ""));
      expect([name, variables.filter((variable) => !(variable in environmentVariables))]).toEqual([name, []]);
    }
  });

  it("puts in no variable of ours that neither the settings nor Compose know", () => {
    const asked = [...composeText.matchAll(/\$\{(SEKTOR_[A-Z0-9_]+)/g)].map(([, name = ""]) => name);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((name) => !(name in environmentVariables) && !composeOnly.includes(name))).toEqual([]);
  });

  it("lets every setting be given to all our programs alike, by one file that need not be there", () => {
    const file = [{ path: `\${SEKTOR_OWN_SETTINGS:-./settings.env}`, required: false }];
    expect(ours.length).toBe(6);
    for (const [name, { env_file: own }] of ours) expect([name, own]).toEqual([name, file]);
    expect(services.filter(([, { build, env_file: own }]) => build === undefined && own !== undefined)).toEqual([]);
    // Its example, with every line that is a suggestion taken up.
    const example = readFileSync(`${root}deploy/containers/settings.env.example`, "utf8");
    const suggested = parseEnv(example.replaceAll(/^# (?=SEKTOR_\w+=)/gm, ""));
    const wanted = ["SEKTOR_TRACING_ENDPOINT", "SEKTOR_PRICE_GPU_HOUR", "SEKTOR_MAX_RESIDENT_ADAPTERS"];
    expect(Object.keys(suggested)).toEqual(expect.arrayContaining(wanted));
    expect(Object.keys(suggested).filter((name) => !(name in environmentVariables))).toEqual([]);
    expect(typeof loadSettings(`${root}configs`, suggested as Record<string, string>)).toBe("object");
    // What Compose spells out wins over the file: the example must not suggest it.
    const spelledOut = new Set(ours.flatMap(([, { environment = {} }]) => Object.keys(environment)));
    expect(Object.keys(suggested).filter((name) => spelledOut.has(name))).toEqual([]);
  });

  it("makes settings that the programs accept", () => {
    const secrets = {
      postgres_url: "postgres://sektor:x@postgres:5432/sektor",
      redis_url: "redis://default:x@redis:6379",
      api_key_sha256: "a".repeat(64),
      webhook_secret: "x",
      engine_token: "x",
    };
    for (const [name, { environment = {} }] of ours) {
      const told = Object.entries(environment).map(([variable, value]) => {
        const file = /^\/run\/secrets\/(.+)$/.exec(String(value))?.[1];
        if (file !== undefined) return [variable.replace(/_FILE$/, ""), secrets[file as keyof typeof secrets]];
        return [variable, String(value).replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1")];
      });
      expect([name, typeof loadSettings(`${root}configs`, Object.fromEntries(told))]).toEqual([name, "object"]);
    }
  });

  it("knows each program's port as the settings, the health checks and the Dockerfile do", () => {
    const { http, voice, grpc } = settings;
    expect(service("turkish-ai-agent").expose).toEqual([http.port, voice.port, grpc.port].map(String));
    const asked = (name: string) => /:(\d+)\//.exec(service(name).healthcheck?.test.at(-1) ?? "")?.[1];
    expect(asked("turkish-ai-agent")).toBe(String(http.port));
    expect(service("infer").environment?.["SEKTOR_INFER_LISTEN"]).toBe(`0.0.0.0:${asked("infer")}`);
    expect(service("infer-gpu").environment?.["SEKTOR_INFER_LISTEN"]).toBe(`0.0.0.0:${asked("infer-gpu")}`);
    expect(service("work").environment?.["SEKTOR_WORK_LISTEN"]).toBe(`0.0.0.0:${asked("work")}`);
    expect(service("work").environment?.["SEKTOR_ENGINE_URL"]).toBe(
      `\${SEKTOR_ENGINE_URL:-http://infer:${asked("infer")}}`,
    );
  });

  it("gives nobody a password that stands in a file of the tree or that Compose would make up", () => {
    for (const [name, { environment = {} }] of services)
      for (const [variable, value] of Object.entries(environment))
        if (/PASSWORD|SECRET|TOKEN|KEY|_PASS/.test(variable))
          expect([name, variable, value]).toEqual([name, variable, expect.stringMatching(/^\/run\/secrets\//)]);
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^\$\{SEKTOR_SECRETS:\?/);
    expect(composeText).not.toMatch(/admin123|changeme|:-[a-z]*password/i);
  });

  it("mounts the secrets it names, and names those it mounts", () => {
    const wanted = new Set(services.flatMap(([, { secrets = [] }]) => secrets));
    expect([...wanted].sort()).toEqual(Object.keys(compose.secrets).sort());
    for (const [name, one] of services) {
      const text = JSON.stringify([one.environment, one.command, one.healthcheck]);
      for (const [, file = ""] of text.matchAll(/\/run\/secrets\/([a-z_0-9]+)/g))
        expect([name, one.secrets ?? []]).toEqual([name, expect.arrayContaining([file])]);
    }
  });

  it("finds each secret among those that make-secrets.ts makes", () => {
    const folder = mkdtempSync(join(tmpdir(), "sektor-secrets-"));
    try {
      makeSecrets(folder, { hosts: ["localhost"], alertWebhookUrl: "http://127.0.0.1:9/" });
      const made = readdirSync(folder);
      const files = Object.values(compose.secrets).map(({ file }) => file.split("}/")[1] ?? "");
      expect(files.filter((file) => !made.includes(file))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("declares each volume, and mounts files that are in the tree", () => {
    for (const [name, { volumes = [] }] of services)
      for (const volume of volumes) {
        const [source = "", target] = volume.split(":");
        if (target === undefined || volume.startsWith("${")) continue;
        if (source.startsWith("./"))
          expect([name, source, existsSync(`${root}${source}`)]).toEqual([name, source, true]);
        else expect([name, Object.keys(compose.volumes)]).toEqual([name, expect.arrayContaining([source])]);
      }
  });

  it("has a place to write for what must write, since its root is not one", () => {
    for (const [name, { tmpfs = [], volumes = [] }] of ours) {
      expect([name, tmpfs.some((one) => one.startsWith("/tmp:"))]).toEqual([name, true]);
      expect([name, volumes.some((one) => one === "/data" || one.endsWith(":/data"))]).toEqual([name, true]);
    }
  });

  it("lets nginx find replicas by Docker's own name server, with the certificate from the secrets", () => {
    const proxy = parse(readFileSync(`${root}deploy/containers/nginx.yaml`, "utf8")) as Record<string, unknown>;
    expect(proxy).toMatchObject({ gateways: ["turkish-ai-agent:8000"], resolver: "127.0.0.11", user: "" });
    for (const key of ["certificate", "certificateKey"])
      expect(service("nginx").secrets).toContain(String(proxy[key]).replace("/run/secrets/", ""));
  });

  it("has what Prometheus is told to ask, at those ports, and gives it the key it asks with", () => {
    interface Scrape {
      readonly job_name: string;
      readonly authorization?: { readonly credentials_file: string };
      readonly dns_sd_configs?: readonly { readonly names: readonly string[]; readonly port: number }[];
      readonly static_configs?: readonly { readonly targets: readonly string[] }[];
    }
    const { scrape_configs: scrapes } = parse(readFileSync(`${root}monitoring/prometheus.yml`, "utf8")) as {
      readonly scrape_configs: readonly Scrape[];
    };
    const targets = scrapes.flatMap(({ dns_sd_configs: found = [], static_configs: named = [] }) => [
      ...found.flatMap(({ names, port }) => names.map((name) => `${name}:${port}`)),
      ...named.flatMap(({ targets: own }) => own),
    ]);
    const reachable = services.flatMap(([name, { expose = [] }]) => expose.map((port) => `${name}:${port}`));
    // The exporter of nginx has nginx' network and, there, a name of its own.
    const { sektor } = service("nginx").networks as { readonly sektor: { readonly aliases: readonly string[] } };
    expect(service("nginx-exporter").network_mode).toBe("service:nginx");
    const aliased = sektor.aliases.map((name) => `${name}:9113`);
    expect(targets.filter((target) => ![...reachable, ...aliased, "localhost:9090"].includes(target))).toEqual([]);
    expect(scrapes.length).toBeGreaterThanOrEqual(7);
    const keys = scrapes.flatMap(({ authorization: key }) => (key === undefined ? [] : [key.credentials_file]));
    expect(keys).toEqual(["/run/secrets/metrics_key"]);
    expect(service("prometheus").secrets).toEqual(["metrics_key"]);
  });

  it("keeps series as long as the longest rule needs, and which trace a slow request had", () => {
    const command = service("prometheus").command as readonly string[];
    const [, kept = "0"] =
      /--storage\.tsdb\.retention\.time=\$\{SEKTOR_METRICS_KEPT:-(\d+)d\}/.exec(command.join(" ")) ?? [];
    const rules = readFileSync(`${root}monitoring/rules/turkish_ai_metrics.yml`, "utf8");
    const windows = [...rules.matchAll(/\[(\d+)d\]/g)].map(([, days]) => Number(days));
    expect(Math.max(...windows)).toBe(30);
    expect(Number(kept)).toBeGreaterThan(Math.max(...windows));
    // The guide and what is shipped say the same.
    expect(readFileSync(`${root}docs/guides/monitoring.md`, "utf8")).toContain(`retention.time=${kept}d`);
    expect(command).toContain("--enable-feature=exemplar-storage");
  });

  it("puts where runbooks are read into every alert's address, and into no alert's labels", () => {
    const { global, alerting } = parse(readFileSync(`${root}monitoring/prometheus.yml`, "utf8"));
    expect(global.external_labels).toEqual({ runbook_base: `\${SEKTOR_RUNBOOK_BASE}` });
    expect(service("prometheus").environment).toEqual({ SEKTOR_RUNBOOK_BASE: `\${SEKTOR_RUNBOOK_BASE:-}` });
    // Only Prometheus 3 reads variables without being told to.
    expect(service("prometheus").image).toMatch(/:v3\./);
    expect(alerting.alert_relabel_configs).toEqual([{ regex: "runbook_base", action: "labeldrop" }]);
  });

  it("gives Alertmanager the addresses it reads from files", () => {
    const text = readFileSync(`${root}monitoring/alertmanager.yml`, "utf8");
    const files = [...text.matchAll(/url_file: \/run\/secrets\/(\S+)/g)].map(([, name]) => name);
    expect(files.length).toBeGreaterThan(0);
    expect([...new Set(files)]).toEqual(service("alertmanager").secrets);
  });
});
