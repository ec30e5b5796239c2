import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProxySettings } from "../../nginx/proxy-settings.ts";
import type { KeptProcess } from "./kept-process.ts";

export interface LocalGateway {
  readonly process: KeptProcess;
  readonly port: number;
  readonly grpcPort: number;
}

/** Where each part of a local deployment listens; all on loopback. */
export interface LocalPorts {
  readonly https: number;
  readonly operators: number;
  readonly http: number;
  readonly voice: number;
  readonly nginxStatus: number;
  readonly redis: number;
  readonly postgres: number;
  readonly infer: number;
  readonly work: number;
  readonly prometheus: number;
}

/** What runs, as `deployment.json` of its folder says: enough to find it again, renew it, and end it. */
export interface Deployment {
  readonly folder: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly ports: LocalPorts;
  /** Where the engine answers: our own `infer`, or another. */
  readonly engineUrl: string;
  readonly proxy: ProxySettings;
  /** PEM file of whom clients must trust. */
  readonly ca: string;
  /** In the order they started; gateways stand apart. */
  readonly services: readonly KeptProcess[];
  readonly gateways: readonly LocalGateway[];
  /** How many gateways it ever had: the next one's number. */
  readonly gatewaysMade: number;
}

export const places = (folder: string) => ({
  state: join(folder, "deployment.json"),
  key: join(folder, "api-key"),
  nginx: join(folder, "nginx"),
  certificates: join(folder, "certificates"),
  prometheus: join(folder, "prometheus"),
  logs: join(folder, "logs"),
});

export function keepDeployment(deployment: Deployment): void {
  const { state } = places(deployment.folder);
  writeFileSync(`${state}.new`, `${JSON.stringify(deployment, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${state}.new`, state);
}

/** @returns undefined: there is none in this folder */
export function findDeployment(folder: string): Deployment | undefined {
  const { state } = places(folder);
  return existsSync(state) ? (JSON.parse(readFileSync(state, "utf8")) as Deployment) : undefined;
}

export function apiKeyOf({ folder }: Pick<Deployment, "folder">): string {
  return readFileSync(places(folder).key, "utf8").trim();
}

/** Where the administration is open. */
export function operatorsUrl({ ports }: Pick<Deployment, "ports">): string {
  return `https://127.0.0.1:${ports.operators}`;
}

export function publicUrl({ ports }: Pick<Deployment, "ports">): string {
  return `https://127.0.0.1:${ports.https}`;
}
