import { canary, residency, service } from "../rows/adapters.ts";
import { engine } from "../rows/engine.ts";
import { essentials } from "../rows/essentials.ts";
import { feedback } from "../rows/feedback.ts";
import { neighbours } from "../rows/neighbours.ts";
import { processes } from "../rows/process.ts";
import { promises } from "../rows/promises.ts";
import { routing } from "../rows/routing.ts";
import { voiceSpeech, voiceTurns, voiceWaiting } from "../rows/voice.ts";
import { buildDashboard, type DashboardPlan } from "./build-dashboard.ts";

const plans: Readonly<Record<string, DashboardPlan>> = {
  turkish_ai_dashboard: {
    uid: "sektor-overview",
    title: "Türkçe Yapay Zekâ Platformu",
    english: "The platform at a glance: sectors, promises, routing, engine, feedback, processes, neighbours.",
    rows: [essentials, promises, routing, engine, feedback, processes, neighbours],
  },
  voice_dashboard: {
    uid: "sektor-voice",
    title: "Ses",
    english: "Spoken sessions: turns, waiting, recognition and synthesis.",
    rows: [voiceTurns, voiceWaiting, voiceSpeech],
  },
  adapter_lifecycle_dashboard: {
    uid: "sektor-adapters",
    title: "Adaptörlerin yaşamı",
    english: "Adapters: in memory, in service, and whether a new version is better than the old one.",
    rows: [residency, service, canary],
  },
};

/** Each dashboard's file name and text, as Grafana reads it. */
export function renderDashboards(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(plans).map(([name, plan]) => [`${name}.json`, `${JSON.stringify(buildDashboard(plan), null, 2)}\n`]),
  );
}
