import { randomBytes } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeDevCertificates } from "../../lib/dev-certificates.ts";
import { freePorts } from "../../lib/free-ports.ts";
import { markDraining, markedDraining } from "../../nginx/draining.ts";
import type { ProxySettings } from "../../nginx/proxy-settings.ts";
import { startPostgres, startRedis } from "./data-servers.ts";
import {
  type Deployment,
  findDeployment,
  keepDeployment,
  type LocalGateway,
  type LocalPorts,
  places,
} from "./deployment.ts";
import { endProcess, type KeptProcess } from "./kept-process.ts";
import { migrate, startGateway, startInfer, startWork } from "./our-programs.ts";
import { startPrometheus } from "./prometheus.ts";
import { type Certificate, localProxy, startNginx } from "./proxy.ts";

export interface LocalOptions {
  readonly folder: string;
  /** 0: a free one. */
  readonly httpsPort?: number;
  /** Another engine instead of our own `infer`. */
  readonly engineUrl?: string | undefined;
  /** Instead of one of our own making; with whom clients must trust. */
  readonly certificate?: (Certificate & { readonly ca: string }) | undefined;
  readonly proxy?: Partial<ProxySettings>;
}

/** Longest time a gateway or `work` may take to close what it has. */
const endLimitMs = 30_000;

/** The whole platform as processes of this machine, in a folder of its own. */
export class LocalStack {
  #now: Deployment;

  private constructor(now: Deployment) {
    this.#now = now;
  }

  get now(): Deployment {
    return this.#now;
  }

  /** Replaces what is known of it, and writes it down. */
  keep(changes: Partial<Deployment>): Deployment {
    this.#now = { ...this.#now, ...changes };
    keepDeployment(this.#now);
    return this.#now;
  }

  /** The one whose `deployment.json` lies in this folder. @returns undefined: there is none */
  static find(folder: string): LocalStack | undefined {
    const found = findDeployment(folder);
    return found === undefined ? undefined : new LocalStack(found);
  }

  /** Makes folder, key and certificates, and chooses ports; nothing runs yet. */
  static async prepare(options: LocalOptions): Promise<LocalStack> {
    const { folder, httpsPort = 0, engineUrl, certificate, proxy = {} } = options;
    // Postgres and nginx' workers may be other users: they go through, and list nothing.
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    chmodSync(folder, 0o711);
    const { key, certificates } = places(folder);
    writeFileSync(key, `sk-sektor-${randomBytes(24).toString("base64url")}\n`, { mode: 0o600 });
    const made = makeDevCertificates(certificates, ["127.0.0.1", "localhost", "::1"], 30);
    const shown = certificate ?? { ...made.server, ca: made.ca.cert };
    const ca = join(certificates, "trusted.pem");
    copyFileSync(shown.ca, ca);
    const ports = await choosePorts(httpsPort);
    const stack = new LocalStack({
      folder,
      startedAt: new Date().toISOString(),
      ports,
      engineUrl: engineUrl ?? `http://127.0.0.1:${ports.infer}`,
      proxy: localProxy(folder, ports, shown, proxy),
      ca,
      services: [],
      gateways: [],
      gatewaysMade: 0,
    });
    keepDeployment(stack.now);
    return stack;
  }

  /** What the programs need first: all at the same time. */
  async startServices({ engineUrl }: Pick<LocalOptions, "engineUrl">): Promise<void> {
    const { folder, ports } = this.#now;
    const starting = [
      startRedis(join(folder, "redis"), ports.redis),
      startPostgres(join(folder, "postgres"), ports.postgres),
      ...(engineUrl === undefined ? [startInfer(this.#now)] : []),
    ];
    await this.#all(starting.map(async (one) => void this.#adopt(await one)));
  }

  async migrate(): Promise<void> {
    await migrate(this.#now);
  }

  async startGateways(count: number): Promise<void> {
    await this.#all([
      ...Array.from({ length: count }, () => this.addGateway()),
      startWork(this.#now).then((work) => this.#adopt(work)),
    ]);
  }

  /**
   * One more, in the place that nginx keeps free where it runs.
   * @throws {Error} it does not come up, or no place is free; it is gone again then
   */
  async addGateway(): Promise<LocalGateway> {
    const number = this.#now.gatewaysMade + 1;
    this.keep({ gatewaysMade: number });
    const [anyPort = 0, grpcPort = 0] = await freePorts(2);
    const port = this.#proxyRuns() ? freePlace(this.#now) : anyPort;
    let launched: KeptProcess | undefined;
    try {
      return await startGateway(this.#now, `gateway-${number}`, [port, grpcPort], (gateway) => {
        launched = gateway.process;
        this.keep({ gateways: [...this.#now.gateways, gateway] });
      });
    } catch (failure) {
      if (launched !== undefined) await this.endGateway(launched);
      throw failure;
    }
  }

  async endGateway(gateway: KeptProcess): Promise<boolean> {
    const endedByItself = await endProcess(gateway, endLimitMs);
    this.keep({ gateways: this.#now.gateways.filter(({ process: { pid } }) => pid !== gateway.pid) });
    return endedByItself;
  }

  /** nginx knows one place more than there are gateways, so that one can be renewed without a reload. */
  async startProxy(): Promise<void> {
    const [free = 0] = await freePorts(1);
    const gateways = [...this.#now.gateways.map(({ port }) => port), free].map(placeOf);
    const { folder, proxy } = this.keep({ proxy: { ...this.#now.proxy, gateways } });
    markDraining(proxy, placeOf(free));
    this.#adopt(await startNginx(folder, proxy));
  }

  /** From now on nginx gives this gateway nothing new, and everybody else, the newest included, all there is. */
  drain({ port }: Pick<LocalGateway, "port">): void {
    markDraining(this.#now.proxy, placeOf(port));
  }

  /** A gateway that nginx gives nothing: what a renewal that was broken off has left. */
  drained(): LocalGateway | undefined {
    const marked = markedDraining(this.#now.proxy);
    return this.#now.gateways.find(({ port }) => marked.includes(placeOf(port)));
  }

  async startMonitoring(rules?: string): Promise<void> {
    this.#adopt(await startPrometheus(this.#now, rules));
  }

  /** Ends everything, what came last first, and removes the folder. @returns names of what had to be ended by force */
  async stop(): Promise<readonly string[]> {
    const { services, gateways, folder } = this.#now;
    const forced: string[] = [];
    const end = async (one: KeptProcess): Promise<void> => {
      if (!(await endProcess(one, endLimitMs))) forced.push(one.name);
    };
    const isFirst = ({ name }: KeptProcess): boolean => ["nginx", "prometheus"].includes(name);
    const isSecond = ({ name }: KeptProcess): boolean => name === "work";
    await Promise.all(services.filter(isFirst).map(end));
    await Promise.all([...gateways.map((gateway) => gateway.process), ...services.filter(isSecond)].map(end));
    await Promise.all(services.filter((one) => !isFirst(one) && !isSecond(one)).map(end));
    if (existsSync(places(folder).state)) rmSync(folder, { recursive: true, force: true });
    return forced;
  }

  #proxyRuns(): boolean {
    return this.#now.services.some(({ name }) => name === "nginx");
  }

  #adopt(service: KeptProcess): void {
    this.keep({ services: [...this.#now.services.filter(({ name }) => name !== service.name), service] });
  }

  /** Waits for all even when one fails: nothing may start behind the back of who ends them. */
  async #all(starting: readonly Promise<unknown>[]): Promise<void> {
    const outcomes = await Promise.allSettled(starting);
    const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    if (failures.length > 0) throw failures[0];
  }
}

/** @throws {Error} every place has a gateway */
function freePlace({ proxy, gateways }: Deployment): number {
  const free = proxy.gateways.find((place) => gateways.every(({ port }) => placeOf(port) !== place));
  if (free === undefined) throw new Error("nginx'in bildiği her yerde bir ağ geçidi var");
  return Number(free.split(":")[1]);
}

function placeOf(port: number): string {
  return `127.0.0.1:${port}`;
}

async function choosePorts(httpsPort: number): Promise<LocalPorts> {
  const [
    https = 0,
    operators = 0,
    http = 0,
    voice = 0,
    nginxStatus = 0,
    redis = 0,
    postgres = 0,
    infer = 0,
    work = 0,
    prometheus = 0,
  ] = await freePorts(10);
  const free = { https, operators, http, voice, nginxStatus, redis, postgres, infer, work, prometheus };
  return httpsPort === 0 ? free : { ...free, https: httpsPort };
}
