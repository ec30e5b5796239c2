import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Findings } from "./findings.ts";
import { lookingSteps } from "./findings.ts";
import { apiKeyOf, operatorsUrl, publicUrl } from "./local/deployment.ts";
import { LocalStack } from "./local/local-stack.ts";
import { rollGateways } from "./local/roll-gateways.ts";
import type { DeployOptions } from "./options.ts";
import type { SmokeResult } from "./smoke/run-smoke.ts";
import type { SmokeTarget } from "./smoke/target.ts";
import type { Step } from "./steps.ts";

/** A deployment as steps, what to do when one fails, and what there is to know of it afterwards. */
export interface DeployPlan {
  readonly target: string;
  readonly steps: readonly Step[];
  readonly undo: string;
  /** After a failure, or at the end of a trial. @returns what was done; undefined: nothing had to be */
  readonly end: (isGreen: boolean) => Promise<string | undefined>;
  readonly addresses: () => readonly (readonly [what: string, where: string])[];
}

export interface PlanSurroundings {
  readonly found: Findings;
  readonly signal: AbortSignal;
  readonly onSmoke: (result: SmokeResult) => void;
  readonly onNote: (text: string) => void;
}

const jobs = ["sektor-gateway", "sektor-infer", "sektor-work", "prometheus"];

/** The whole stack as processes of this machine. Nothing is touched before a step runs. */
export function planLocal(options: DeployOptions, around: PlanSurroundings): DeployPlan {
  const { scale, rules, engineUrl } = options;
  let stack: LocalStack | undefined;
  const made = (): LocalStack => {
    if (stack === undefined) throw new Error("Kurulum hazırlanmadı.");
    return stack;
  };
  const steps: readonly Step[] = [
    {
      title: "Klasör, anahtar, sertifika, kapılar",
      how: [`klasör: ${options.folder ?? "geçici"}; hepsi 127.0.0.1'de, boş kapılarda`],
      run: async () => {
        const folder =
          options.folder === undefined ? mkdtempSync(join(tmpdir(), "sektor-deploy-")) : resolve(options.folder);
        const { httpsPort, certificate } = options;
        stack = await LocalStack.prepare({ folder, httpsPort, engineUrl, certificate });
        return folder;
      },
    },
    {
      title: engineUrl === undefined ? "Redis, Postgres, model süreci" : "Redis, Postgres",
      how: [
        "redis-server (appendonly), postgres (yeni küme)",
        engineUrl === undefined ? "sektor infer" : `motor: ${engineUrl}`,
      ],
      run: async () => {
        await made().startServices({ engineUrl });
        return "yanıt veriyorlar";
      },
    },
    {
      title: "Veritabanı tabloları",
      how: ["sektor migrate"],
      run: async () => {
        await made().migrate();
        return "güncel";
      },
    },
    {
      title: `${scale} ağ geçidi ve work`,
      how: [
        `${scale} × sektor serve: motor HTTP ile, oturum ve sınırlar Redis'te, kayıtlar Postgres'te, işler BullMQ'da`,
        "sektor work",
      ],
      run: async () => {
        await made().startGateways(scale);
        return "hazırlar";
      },
    },
    {
      title: "nginx",
      how: ["TLS, HTTP/2, WebSocket; ayarlar scripts/nginx'ten"],
      run: async () => {
        await made().startProxy();
        return publicUrl(made().now);
      },
    },
    {
      title: "Prometheus",
      how: [`kurallar: ${rules ?? "monitoring/rules"}`],
      run: async () => {
        await made().startMonitoring(rules);
        return `http://127.0.0.1:${made().now.ports.prometheus}`;
      },
    },
    ...localLooks(made, around),
  ];
  return {
    target: `yerel, ${scale} ağ geçidi`,
    steps,
    undo: "başlatılan bütün süreçler durdurulur, klasör silinir",
    end: async (isGreen) => {
      if (stack === undefined || (options.keep && isGreen)) return undefined;
      const forced = await stack.stop();
      if (forced.length > 0) around.onNote(`zorla durdurulan: ${forced.join(", ")}`);
      return isGreen ? undefined : "başlatılan süreçler durduruldu";
    },
    addresses: () => (stack === undefined ? [] : localAddresses(stack)),
  };
}

/** Renews the gateways of a deployment that runs; the old ones go on until the new ones answer. */
export function planRestart(options: DeployOptions, stack: LocalStack, around: PlanSurroundings): DeployPlan {
  const { drainMs } = options;
  const of = stack.now.gateways.length;
  return {
    target: `yerel, ${stack.now.folder}`,
    steps: [
      {
        title: "Ağ geçitlerini yenile",
        how: [
          `${of} ağ geçidi, teker teker: yenisi hazır olur, eskisi nginx'te boşaltılır (en çok ${drainMs / 1000} s), biter`,
        ],
        run: async () => {
          await rollGateways(stack, { drainMs, signal: around.signal, onStep: around.onNote });
          return `${of} ağ geçidi yenilendi`;
        },
      },
      ...localLooks(() => stack, around),
    ],
    undo: "yeni ağ geçidi durdurulur; eskiler çalışmaya devam eder",
    end: async (isGreen) => (isGreen ? undefined : "yenilenmemiş ağ geçitleri çalışmaya devam ediyor"),
    addresses: () => localAddresses(stack),
  };
}

function localLooks(stackOf: () => LocalStack, { found, onSmoke }: PlanSurroundings): readonly Step[] {
  return lookingSteps(
    found,
    () => localTarget(stackOf()),
    () => ({ url: `http://127.0.0.1:${stackOf().now.ports.prometheus}`, jobs }),
    onSmoke,
  );
}

function localTarget({ now }: LocalStack): SmokeTarget {
  return {
    url: publicUrl(now),
    ca: readFileSync(now.ca, "utf8"),
    apiKey: apiKeyOf(now),
    gateways: now.gateways.map(({ port }) => `http://127.0.0.1:${port}`),
    grpc: now.gateways.map(({ grpcPort }) => `127.0.0.1:${grpcPort}`),
    httpUrl: `http://127.0.0.1:${now.ports.http}`,
    voiceUrl: `https://127.0.0.1:${now.ports.voice}`,
    operators: { url: operatorsUrl(now) },
    isForTrial: true,
  };
}

function localAddresses({ now }: LocalStack): ReturnType<DeployPlan["addresses"]> {
  const { ports, folder } = now;
  return [
    ["Herkese açık", publicUrl(now)],
    ["İşletmeciler", operatorsUrl(now)],
    ["Ses", `wss://127.0.0.1:${ports.voice}`],
    ...now.gateways.map(
      ({ process: { name }, port, grpcPort }) => [name, `http://127.0.0.1:${port}, gRPC ${grpcPort}`] as const,
    ),
    ["Prometheus", `http://127.0.0.1:${ports.prometheus}`],
    ["Yönetici anahtarı", join(folder, "api-key")],
    ["Güvenilecek sertifika", now.ca],
    ["Durdurmak için", `npx sektor deploy --local --stop --folder ${folder}`],
  ];
}
