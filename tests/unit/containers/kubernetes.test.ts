import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createMemoryKnowledge } from "../../../services/retrieval/memory-knowledge.ts";
import { environmentVariables, loadSettings } from "../../../services/settings/index.ts";
import { buildTestGateway } from "../../support/gateway.ts";
import { sectorsWith, wordRouter } from "../conversation/parts.ts";
import { root } from "./compose-file.ts";
import { filesOf, folder, kustomization, type Manifest, manifests, patched, resourcesOf } from "./manifests.ts";
import { unknownFields } from "./unknown-fields.ts";

const base = resourcesOf("base");
/** What somebody with all rights applies once, before the pipeline has anything to apply to. */
const setup = resourcesOf("setup");
const settings = loadSettings(`${root}configs`, {});
const find = (kind: string, name: string, among: readonly Manifest[] = base): Manifest => {
  const found = among.find((one) => one.kind === kind && one.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
};
const programs = base.filter(({ kind }) => kind === "Deployment" || kind === "Job");
interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}
const podOf = ({ spec }: Manifest) => spec.template.spec;
const gpuInfer = (): Manifest => patched(find("Deployment", "infer"), manifests("overlays/gpu/infer.yaml")[0]);

/** Kubernetes' own OpenAPI schemas, as the package kubernetes-models has them. @throws what does not fit */
async function validate(manifest: Manifest): Promise<void> {
  const models = (await import(/* @vite-ignore */ `kubernetes-models/${manifest.apiVersion}`)) as Record<
    string,
    new (
      data: Manifest,
    ) => { validate(): void }
  >;
  const Model = models[manifest.kind];
  if (Model === undefined) throw new Error(`Kubernetes knows no ${manifest.kind} in ${manifest.apiVersion}`);
  new Model(manifest).validate();
}

describe("deploy/kubernetes", () => {
  it.each([...setup, ...base].map((manifest) => [manifest.kind, manifest.metadata.name, manifest] as const))(
    "%s %s is what Kubernetes takes",
    async (_kind, _name, manifest) => {
      await expect(validate(manifest)).resolves.toBeUndefined();
    },
  );

  it("would be refused without what Kubernetes wants, and with what it wants otherwise", async () => {
    const without = structuredClone(find("Deployment", "infer"));
    delete without.spec.selector;
    await expect(validate(without)).rejects.toThrow();
    const otherwise = structuredClone(find("Deployment", "infer"));
    otherwise.spec.replicas = "two";
    await expect(validate(otherwise)).rejects.toThrow();
  });

  it("has no word that Kubernetes does not know, where the cluster would silently drop it", {
    timeout: 120_000,
  }, () => {
    expect(unknownFields([...setup, ...base, gpuInfer()])).toEqual([]);
    const wrong = structuredClone(find("HorizontalPodAutoscaler", "infer"));
    wrong.spec.metrics[0].external.target = { type: "AverageValue", averagevalue: "4" };
    expect(unknownFields([wrong])).toEqual([expect.stringContaining("averagevalue")]);
  });

  it("is, with the overlay for GPUs, what Kubernetes takes, and asks for one", async () => {
    await expect(validate(gpuInfer())).resolves.toBeUndefined();
    const [container] = podOf(gpuInfer()).containers;
    expect(container.resources.limits["nvidia.com/gpu"]).toBe("1");
    expect(container.image).toBe("sektor-cuda");
    expect(container.env).toContainEqual({ name: "SEKTOR_GPU", value: "cuda" });
    // What the base asks for is still there.
    expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
    expect(container.startupProbe.httpGet.path).toBe("/health");
  });

  it("names every file it has, and only those", () => {
    for (const place of ["base", "setup"])
      expect([...(kustomization(place).resources ?? [])].sort()).toEqual([...filesOf(place)].sort());
    for (const place of ["overlays/cpu", "overlays/gpu"]) {
      expect(kustomization(place).resources).toEqual(["../../base"]);
      for (const { path } of kustomization(place).patches ?? [])
        expect(existsSync(join(folder, place, path))).toBe(true);
    }
  });

  it("gives every image it names another name and a tag in each overlay", () => {
    const used = (among: readonly Manifest[]) => new Set(among.map((one) => podOf(one).containers[0].image as string));
    const renamed = (place: string) => (kustomization(place).images ?? []).map(({ name }) => name);
    expect(renamed("overlays/cpu")).toEqual([...used(programs)]);
    expect(renamed("overlays/gpu").sort()).toEqual([...used([...programs, gpuInfer()])].sort());
    expect(readFileSync(`${root}scripts/containers/roll-out.sh`, "utf8")).toMatch(
      /image: sektor:cpu.*image: sektor:cuda/s,
    );
  });

  it("has gateways, engine, jobs and migrations", () => {
    expect(programs.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual([
      "Deployment infer",
      "Deployment turkish-ai-agent",
      "Deployment work",
      "Job migrate",
    ]);
  });

  it.each(programs.map((one) => [one.metadata.name, one] as const))(
    "%s keeps to the restricted standard for pods",
    (_name, program) => {
      const pod = podOf(program);
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 10001,
        seccompProfile: { type: "RuntimeDefault" },
      });
      expect(pod.automountServiceAccountToken).toBe(false);
      for (const key of ["hostNetwork", "hostPID", "hostIPC"]) expect(pod[key]).toBeUndefined();
      for (const { securityContext, resources } of pod.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
        expect(resources.limits.memory).toBeDefined();
        expect(resources.requests).toMatchObject({ cpu: expect.anything(), memory: expect.anything() });
      }
      expect(pod.containers[0].volumeMounts).toEqual(
        expect.arrayContaining([
          { name: "data", mountPath: "/data" },
          { name: "tmp", mountPath: "/tmp" },
        ]),
      );
    },
  );

  it("asks the cluster to refuse anything else in this namespace", () => {
    expect(find("Namespace", "sektor", setup).metadata.labels?.["pod-security.kubernetes.io/enforce"]).toBe(
      "restricted",
    );
  });

  it.each(["turkish-ai-agent", "infer", "work"])(
    "%s says when it has started, whether it lives and whether it can answer",
    (name) => {
      const [container] = podOf(find("Deployment", name)).containers;
      for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"])
        expect([probe, container[probe]?.httpGet?.port]).toEqual([probe, "http"]);
    },
  );

  it("does not kill an engine for being busy: life and readiness are different questions", () => {
    const [infer] = podOf(find("Deployment", "infer")).containers;
    expect(infer.livenessProbe.httpGet.path).not.toBe(infer.readinessProbe.httpGet.path);
  });

  it("leaves gateways where they are while the engine or Redis, which all of them share, is away", async () => {
    const { app, engine } = await buildTestGateway({
      sectors: sectorsWith(),
      router: wordRouter(),
      knowledge: createMemoryKnowledge([]),
    });
    try {
      const [gateway] = podOf(find("Deployment", "turkish-ai-agent")).containers;
      const statusOf = async (probe: string): Promise<number> =>
        (await app.inject(gateway[probe].httpGet.path)).statusCode;
      engine.status = () => Promise.reject(new Error("away"));
      expect(await statusOf("readinessProbe")).toBe(200);
      expect(await statusOf("livenessProbe")).toBe(200);
      // One that has never reached the engine has not come up.
      expect(await statusOf("startupProbe")).toBe(503);
    } finally {
      await app.close();
    }
  });

  it("names no number of replicas where an autoscaler decides it: each roll-out would set it back", () => {
    const scaled = base.filter(({ kind }) => kind === "HorizontalPodAutoscaler");
    const targets = scaled.map(({ spec }) => spec.scaleTargetRef.name as string).sort();
    expect(targets).toEqual(["infer", "turkish-ai-agent"]);
    for (const name of targets) expect([name, find("Deployment", name).spec.replicas]).toEqual([name, undefined]);
    expect(gpuInfer().spec.replicas).toBeUndefined();
  });

  it("lets whoever rolls out do what a roll-out does, and read no secret", () => {
    const role = find("Role", "deployer", setup) as Manifest & { readonly rules: readonly Rule[] };
    const may = (group: string, resource: string): readonly string[] =>
      role.rules
        .filter(({ apiGroups, resources }) => apiGroups.includes(group) && resources.includes(resource))
        .flatMap(({ verbs }) => verbs);
    const applied = [...base, ...resourcesOf("components/monitoring")];
    expect(applied.map(({ kind }) => kind)).not.toContain("Namespace");
    for (const { apiVersion, kind } of applied) {
      const group = apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
      const resource = kind === "Ingress" ? "ingresses" : `${kind.toLowerCase()}s`.replace(/ys$/, "ies");
      expect([kind, may(group, resource)]).toEqual([kind, expect.arrayContaining(["get", "create", "patch"])]);
    }
    // Waits for the Job and for the Deployments, takes the old Job away, and goes back to former ReplicaSets.
    for (const resource of ["jobs", "deployments"])
      expect(may(resource === "jobs" ? "batch" : "apps", resource)).toEqual(expect.arrayContaining(["list", "watch"]));
    expect(may("batch", "jobs")).toContain("delete");
    expect(may("apps", "replicasets")).toEqual(expect.arrayContaining(["get", "list"]));
    const everything = role.rules.flatMap(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs]);
    expect(everything.filter((word) => word === "*" || word === "secrets")).toEqual([]);
    const binding = find("RoleBinding", "deployer", setup) as Manifest & { readonly subjects: unknown };
    expect(binding.subjects).toEqual([{ kind: "ServiceAccount", name: "deployer", namespace: "sektor" }]);
  });

  it("asks at addresses that the programs have", () => {
    const [gateway] = podOf(find("Deployment", "turkish-ai-agent")).containers;
    const source = readFileSync(`${root}services/http/health-routes.ts`, "utf8");
    for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"])
      expect(source).toContain(`"${gateway[probe].httpGet.path}"`);
    const engine = readFileSync(`${root}services/engine-http/status-routes.ts`, "utf8");
    const [infer] = podOf(find("Deployment", "infer")).containers;
    for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"])
      expect(engine).toContain(`"${infer[probe].httpGet.path}"`);
  });

  it("gives each program time to end what it has: its draining, what closing takes, and the pause before", () => {
    const { drainMs } = settings.jobs;
    for (const name of ["turkish-ai-agent", "work"]) {
      const pod = podOf(find("Deployment", name));
      const pauseS = pod.containers[0].lifecycle?.preStop?.sleep?.seconds ?? 0;
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(pauseS + drainMs / 1000 + 20);
    }
  });

  it("tells the programs only what the settings know, and what they accept", () => {
    const told = (program: Manifest): Record<string, string> => {
      const [container] = podOf(program).containers;
      const maps = (container.envFrom ?? []).flatMap(
        ({ configMapRef: { name, optional } }: { configMapRef: { name: string; optional?: boolean } }) =>
          optional === true ? [] : [find("ConfigMap", name).data ?? {}],
      );
      const own = (container.env ?? []).map(({ name, value }: { name: string; value: string }) => [name, value]);
      return Object.assign({}, ...maps, Object.fromEntries(own));
    };
    for (const program of [...programs, gpuInfer()]) {
      const given = Object.entries(told(program)).map(([name, value]) => {
        const file = value.startsWith("/run/secrets/sektor/");
        return [
          name.replace(/_FILE$/, ""),
          !file ? value : name.includes("SHA256") ? "a".repeat(64) : "postgres://a:b@c:5432/d",
        ];
      });
      expect(given.length).toBeGreaterThan(1);
      expect(given.map(([name = ""]) => name).filter((name) => !(name in environmentVariables))).toEqual([]);
      expect(typeof loadSettings(`${root}configs`, Object.fromEntries(given))).toBe("object");
    }
  });

  it("agrees about ports: settings, containers, services and who may reach them", () => {
    const ports = (name: string) =>
      podOf(find("Deployment", name)).containers[0].ports.map(
        ({ containerPort }: { containerPort: number }) => containerPort,
      );
    expect(ports("turkish-ai-agent")).toEqual([settings.http.port, settings.voice.port, settings.grpc.port]);
    expect(find("ConfigMap", "sektor-settings").data?.["SEKTOR_ENGINE_URL"]).toBe(`http://infer:${ports("infer")[0]}`);
    expect(find("ConfigMap", "sektor-engine").data?.["SEKTOR_INFER_LISTEN"]).toBe(`0.0.0.0:${ports("infer")[0]}`);
    for (const name of ["turkish-ai-agent", "infer", "work"]) {
      expect(find("Service", name).spec.ports.map(({ port }: { port: number }) => port)).toEqual(ports(name));
      expect(find("Service", name).spec.selector).toEqual(find("Deployment", name).spec.template.metadata.labels);
      const open = find("NetworkPolicy", name).spec.ingress.flatMap((one: { ports: { port: number }[] }) =>
        one.ports.map(({ port }) => port),
      );
      expect([...new Set(open)].sort()).toEqual([...ports(name)].sort());
    }
  });

  it("lets nobody talk to anybody unless it is written down, and only gateways, jobs and monitoring to the engine", () => {
    expect(find("NetworkPolicy", "default-deny").spec).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    const [{ from }] = find("NetworkPolicy", "infer").spec.ingress;
    expect(from).toEqual([
      { podSelector: { matchLabels: { "app.kubernetes.io/name": "turkish-ai-agent" } } },
      { podSelector: { matchLabels: { "app.kubernetes.io/name": "work" } } },
      { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } },
    ]);
    expect(find("NetworkPolicy", "migrate").spec.ingress).toBeUndefined();
  });

  it("scales the engine by what waits for it, under the name the engine gives that number", () => {
    const [metric] = find("HorizontalPodAutoscaler", "infer").spec.metrics;
    const name = metric.external.metric.name as string;
    const adapter = parse(
      readFileSync(join(folder, "components/monitoring/prometheus-adapter-values.yaml"), "utf8"),
    ) as { rules: { external: { seriesQuery: string; name: { as: string } }[] } };
    expect(name).toBe("llm_queued_requests");
    expect(adapter.rules.external.map(({ seriesQuery, name: { as } }) => [seriesQuery.split("{")[0], as])).toEqual([
      [name, name],
    ]);
  });

  it("keeps one gateway and lets one engine go at a time while nodes are emptied", () => {
    expect(find("PodDisruptionBudget", "turkish-ai-agent").spec.minAvailable).toBe(1);
    expect(find("PodDisruptionBudget", "infer").spec.maxUnavailable).toBe(1);
    expect(find("Deployment", "turkish-ai-agent").spec.strategy.rollingUpdate).toEqual({
      maxUnavailable: 0,
      maxSurge: 1,
    });
  });

  it("does not let a proxy be less patient than the gateway", () => {
    const annotations = find("Ingress", "turkish-ai-agent").metadata.annotations ?? {};
    const waits = Number(annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"]);
    expect(waits * 1000).toBeGreaterThanOrEqual(settings.http.replyTimeoutMs + 10_000);
    expect(annotations["nginx.ingress.kubernetes.io/proxy-buffering"]).toBe("off");
  });

  it("lets in every address that the gateway has, but for numbers and the page about jobs", async () => {
    const { app } = await buildTestGateway({
      sectors: sectorsWith(),
      router: wordRouter(),
      knowledge: createMemoryKnowledge([]),
      script: { adapters: ["legal@1"] },
    });
    await app.ready();
    const routes = new Set([...app.routeScopes.keys()].map((route) => route.split(" ")[1] ?? ""));
    await app.close();
    const { paths } = find("Ingress", "turkish-ai-agent").spec.rules[0].http as {
      readonly paths: readonly { readonly path: string; readonly pathType: "Prefix" | "Exact" }[];
    };
    const isLetIn = (route: string): boolean =>
      paths.some(
        ({ path, pathType }) =>
          route === path || (pathType === "Prefix" && route.startsWith(`${path.replace(/\/$/, "")}/`)),
      );
    // Preflights have no address of their own.
    const shut = [...routes].filter((route) => route !== "*" && !isLetIn(route));
    expect(shut.filter((route) => !/^\/(metrics|jobs)(\/|$)/.test(route))).toEqual([]);
    expect(shut).toEqual(expect.arrayContaining(["/metrics", "/jobs", "/jobs/app.js"]));
    const used = paths.filter(({ path }) =>
      [...routes].some((route) => route === path || route.startsWith(`${path}/`)),
    );
    expect(used).toEqual(paths);
  });

  it("monitors what there is, at ports that the services have", () => {
    for (const { spec } of manifests("components/monitoring/service-monitors.yaml")) {
      const name = spec.selector.matchLabels["app.kubernetes.io/name"];
      const service = find("Service", name);
      expect(service.metadata.labels).toEqual({ "app.kubernetes.io/name": name });
      for (const { port } of spec.endpoints)
        expect(service.spec.ports.map((one: { name: string }) => one.name)).toContain(port);
    }
  });

  it("lets every setting be given to all programs alike, by a ConfigMap that need not be there", () => {
    const own = { configMapRef: { name: "sektor-own", optional: true } };
    // The last one wins over those before it.
    for (const program of [...programs, gpuInfer()])
      expect([program.metadata.name, podOf(program).containers[0].envFrom.at(-1)]).toEqual([
        program.metadata.name,
        own,
      ]);
    const guide = readFileSync(`${root}docs/guides/kubernetes.md`, "utf8");
    expect(guide).toContain("create configmap sektor-own --from-env-file=");
  });

  it("lets traces out to the collector that the settings name, and to nothing else", async () => {
    const place = "components/tracing";
    const [way, ...others] = resourcesOf(place);
    if (way === undefined) throw new Error("no way out");
    expect(others).toEqual([]);
    await expect(validate(way)).resolves.toBeUndefined();
    expect(unknownFields([way])).toEqual([]);
    const patches = (kustomization(place).patches ?? []).flatMap(({ path }) => manifests(join(place, path)));
    // Every map that one of those who may go out is told by.
    const goers = way.spec.podSelector.matchExpressions[0].values as readonly string[];
    const told = goers.map(
      (name) => podOf(find("Deployment", name)).containers[0].envFrom[0].configMapRef.name as string,
    );
    expect(patches.map(({ metadata }) => metadata.name).sort()).toEqual([...new Set(told)].sort());
    for (const patch of patches) {
      const { tracing } = loadSettings(`${root}configs`, patch.data ?? {});
      const { hostname, port } = new URL(String(tracing.endpoint));
      const [{ to, ports }] = way.spec.egress;
      expect(to).toEqual([
        { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": hostname.split(".")[1] } } },
      ]);
      expect(ports).toEqual([{ protocol: "TCP", port: Number(port) }]);
    }
    expect(goers).toEqual(["turkish-ai-agent", "infer", "work"]);
    expect(kustomization(place).namespace).toBe("sektor");
  });

  it("puts vLLM in infer's place by settings that the gateway takes", async () => {
    const [map] = manifests("components/vllm/settings.yaml");
    const told = patched(find("ConfigMap", "sektor-settings"), map).data ?? {};
    const { inference } = loadSettings(`${root}configs`, {
      SEKTOR_ENGINE: told["SEKTOR_ENGINE"],
      SEKTOR_ENGINE_URL: told["SEKTOR_ENGINE_URL"],
    });
    expect(inference.engine).toBe("vllm");
    for (const file of filesOf("components/vllm")) {
      for (const patch of manifests(`components/vllm/${file}`)) {
        const target = find(patch.kind, patch.metadata.name);
        if (!("$patch" in patch)) await expect(validate(patched(target, patch))).resolves.toBeUndefined();
      }
    }
    expect(
      kustomization("components/vllm")
        .patches?.map(({ path }) => path)
        .sort(),
    ).toEqual([...filesOf("components/vllm")].sort());
  });
});
