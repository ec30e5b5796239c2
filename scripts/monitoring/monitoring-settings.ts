import { readFileSync } from "node:fs";
import { type Static, Type } from "typebox";
import Value from "typebox/value";
import { parse as parseYaml } from "yaml";

const target = Type.String({ pattern: "^([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:]+\\]):[0-9]{1,5}$" });
const targets = Type.Array(target);
/** Milliseconds, since what is tested goes faster than what is run. */
const milliseconds = (byDefault: number) => Type.Integer({ minimum: 100, maximum: 3_600_000, default: byDefault });

/** Where everything stands. What is left out stays as monitoring/*.yml has it. */
export const MonitoringSettings = Type.Object(
  {
    /** `host:port`; none: the names that monitoring/prometheus.yml looks up. */
    gateways: Type.Optional(targets),
    /** Empty where the gateways hold their engine themselves: its numbers stand among theirs. */
    infer: Type.Optional(targets),
    work: Type.Optional(targets),
    nginx: Type.Optional(targets),
    redis: Type.Optional(targets),
    postgres: Type.Optional(targets),
    prometheus: Type.Optional(targets),
    alertmanagers: Type.Optional(targets),
    /** File with an administrator's key for the gateways' /metrics; empty: none is sent. */
    credentialsFile: Type.Optional(Type.String()),
    scrapeIntervalMs: milliseconds(15_000),
    /** Every time of rules and alerts is so many times as short: 15 where a test must not wait. Production: 1. */
    timesFaster: Type.Number({ minimum: 1, maximum: 100, default: 1 }),
    /** Stands before docs/runbooks/… in every alert: where this repository can be read. */
    runbookBase: Type.Optional(Type.String({ pattern: "^https?://[^\\s{}]+[^/\\s{}]$" })),
    /** File whose one line is where pages and tickets are posted. */
    webhookUrlFile: Type.Optional(Type.String({ minLength: 1 })),
    /** The same for the watchdog, at a service that raises the alarm when nothing comes; none: nobody is told. */
    watchdogUrlFile: Type.Optional(Type.String({ minLength: 1 })),
    /** Writes the addresses into alertmanager.yml, as Alertmanager before 0.26 needs it (Debian 12 has 0.25). */
    inlineUrls: Type.Boolean({ default: false }),
  },
  { additionalProperties: false, default: {} },
);
export type MonitoringSettings = Static<typeof MonitoringSettings>;

/** What is wrong with the settings of the monitoring, every fault at once. */
export class MonitoringSettingsError extends Error {
  override readonly name = "MonitoringSettingsError";
  constructor(faults: readonly string[]) {
    super(`The settings of the monitoring cannot be used:\n${faults.join("\n")}`);
  }
}

/** @throws {MonitoringSettingsError} */
export function checkMonitoringSettings(given: unknown): MonitoringSettings {
  const settings = Value.Default(MonitoringSettings, structuredClone(given ?? {}));
  const faults = Value.Errors(MonitoringSettings, settings).map(
    ({ instancePath, message }) => `${instancePath}: ${message}`,
  );
  if (faults.length > 0) throw new MonitoringSettingsError(faults);
  return settings as MonitoringSettings;
}

/**
 * @param file YAML
 * @throws {MonitoringSettingsError}
 */
export function loadMonitoringSettings(file: string): MonitoringSettings {
  return checkMonitoringSettings(parseYaml(readFileSync(file, "utf8")));
}
