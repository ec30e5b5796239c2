import { askHttps } from "../lib/ask-https.ts";
import { checkMonitoring, type MonitoringResult, type MonitoringWishes } from "./monitoring-check.ts";
import { runSmoke, type SmokeResult } from "./smoke/run-smoke.ts";
import type { SmokeTarget } from "./smoke/target.ts";
import type { Step } from "./steps.ts";

/** What the steps that look find out, for the report. */
export interface Findings {
  smoke: readonly SmokeResult[] | undefined;
  monitoring: MonitoringResult | undefined;
  feedback: string | undefined;
}

/** Smoke test, monitoring, pilot feedback: the same wherever it runs. Targets are asked for when their step runs. */
export function lookingSteps(
  found: Findings,
  targetOf: () => SmokeTarget,
  prometheusOf: () => MonitoringWishes,
  onSmoke: (result: SmokeResult) => void,
): readonly Step[] {
  return [
    {
      title: "Duman testi",
      how: ["/openapi.json'daki her adrese gerçek istekler; SSE, WebSocket, gRPC, /metrics, dışarıya kapalı yönetim"],
      goesOn: true,
      run: async () => {
        found.smoke = await runSmoke(targetOf(), onSmoke);
        const failed = found.smoke.filter(({ outcome }) => outcome === "failed");
        if (failed.length > 0)
          throw new Error(`${failed.length} istek başarısız: ${failed.map(({ endpoint }) => endpoint).join(", ")}`);
        return `${found.smoke.length} istek`;
      },
    },
    {
      title: "İzleme",
      how: ["Prometheus: hedefler ayakta, kurallar yüklü ve hesaplanıyor, bu kurulumla çalmaya başlayan uyarı yok"],
      goesOn: true,
      run: async () => {
        found.monitoring = await checkMonitoring(prometheusOf());
        const { faults, targets, rules } = found.monitoring;
        if (faults.length > 0) throw new Error(faults.join("; "));
        return `${targets.length} hedef, ${rules} kural`;
      },
    },
    {
      title: "Pilot geri bildirimi",
      how: ["/v1/feedback/report: saklanan geri bildirimin özeti"],
      goesOn: true,
      run: async () => {
        found.feedback = await feedbackOf(targetOf());
        return "özet raporda";
      },
    },
  ];
}

async function feedbackOf({ url, operators, ca, apiKey }: SmokeTarget): Promise<string> {
  const { status, text } = await askHttps(operators?.url ?? url, "/v1/feedback/report?format=markdown", {
    headers: { authorization: `Bearer ${apiKey}` },
    limitMs: 60_000,
    ...(ca === undefined ? {} : { ca }),
    ...(operators?.name === undefined ? {} : { name: operators.name }),
  });
  if (status !== 200) throw new Error(`/v1/feedback/report: ${status}`);
  return text;
}
