import { readFileSync } from "node:fs";
import { type Static, Type } from "typebox";
import Value from "typebox/value";
import { parse as parseYaml } from "yaml";

// Values stand in nginx' language unquoted: nothing that means something there may be in them.
const path = (byDefault: string) => Type.String({ pattern: "^/[A-Za-z0-9/._-]*$", default: byDefault });
const address = "([0-9]{1,3}([.][0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)";
const network = Type.String({ pattern: `^${address}(/[0-9]{1,3})?$` });
const gateway = Type.String({ pattern: "^[A-Za-z0-9.-]+:[0-9]{1,5}$|^\\[[0-9A-Fa-f:]+\\]:[0-9]{1,5}$" });
const port = (byDefault: number) => Type.Integer({ minimum: 0, maximum: 65_535, default: byDefault });

/** Where nginx stands; how long it waits and how much it lets through follows from the gateway's own settings. */
export const ProxySettings = Type.Object(
  {
    /** `host:port` of each gateway. */
    gateways: Type.Array(gateway, { minItems: 1, maxItems: 32, uniqueItems: true, default: ["127.0.0.1:8000"] }),
    /**
     * Name server that is asked for the gateways' names again and again, so that gateways come and go while nginx runs (Docker: 127.0.0.11). Empty: names are
     * looked up when nginx starts or reloads. Needs nginx 1.27.3.
     */
    resolver: Type.String({ pattern: `^(${address}|\\[[0-9A-Fa-f:]+\\])?(:[0-9]{1,5})?$`, default: "" }),
    /** Names it answers to; none: any. */
    serverNames: Type.Array(Type.String({ pattern: "^[A-Za-z0-9*][A-Za-z0-9.-]*$" }), { default: [] }),
    /** Addresses it listens on; IPv6 in brackets. */
    addresses: Type.Array(Type.String({ pattern: "^([0-9]{1,3}([.][0-9]{1,3}){3}|\\[[0-9A-Fa-f:.]+\\])$" }), {
      minItems: 1,
      default: ["0.0.0.0"],
    }),
    httpsPort: Type.Integer({ minimum: 1, maximum: 65_535, default: 443 }),
    /** Sends plain HTTP on to HTTPS; 0: none. */
    httpPort: port(80),
    /** Voice alone, where `/` is `/v1/realtime`; 0: none. */
    voicePort: port(8765),
    /** nginx' own counters, for loopback only; 0: none. */
    statusPort: port(8081),
    /** PEM files. */
    certificate: path("/etc/sektor/tls/fullchain.pem"),
    certificateKey: path("/etc/sektor/tls/privkey.pem"),
    /** Where a certificate's issuer finds the answer to its challenge, asked over plain HTTP; empty: nowhere. */
    acmeFolder: Type.String({ pattern: "^(/[A-Za-z0-9/._-]*)?$", default: "" }),
    /** For so long browsers speak nothing but HTTPS to these names, seconds. */
    hstsMaxAgeS: Type.Integer({ minimum: 0, maximum: 63_072_000, default: 31_536_000 }),
    /** Load balancers in front whose `X-Forwarded-For` is believed. */
    trustedProxies: Type.Array(network, { default: [] }),
    /**
     * Everything, the administration included, over TLS for whoever reaches this port; 0: none. For a place where an operator's address cannot be told
     * from others', as behind Docker's published ports: publish it on loopback alone.
     */
    operatorsPort: port(0),
    /** Networks that reach `/metrics` and the administration at the public port. */
    operators: Type.Array(network, { default: ["127.0.0.1", "::1"] }),
    /** Of one address (IPv6: /64), all gateways together. */
    requestsPerSecond: Type.Integer({ minimum: 1, maximum: 100_000, default: 40 }),
    /** More than that, for once. */
    requestBurst: Type.Integer({ minimum: 1, maximum: 100_000, default: 200 }),
    /** At the same time; a spoken session is one, a stream is one. */
    connectionsPerAddress: Type.Integer({ minimum: 1, maximum: 65_535, default: 256 }),
    /** Of those, recordings and files on their way in: each is taken in whole before a gateway sees a key, and lies in `stateFolder` meanwhile. */
    uploadsPerAddress: Type.Integer({ minimum: 1, maximum: 65_535, default: 8 }),
    /** Whom the workers run as where nginx starts as root; empty: as it was started. */
    user: Type.String({ pattern: "^[a-z0-9_-]*$", default: "www-data" }),
    logFolder: path("/var/log/nginx"),
    /** Uploads on their way, and in `draining/` the name of a gateway that gets nothing new. */
    stateFolder: path("/var/lib/nginx"),
    pidFile: path("/run/nginx.pid"),
  },
  { additionalProperties: false, default: {} },
);
export type ProxySettings = Static<typeof ProxySettings>;

/** What is wrong with the proxy's settings, every fault at once. */
export class ProxySettingsError extends Error {
  override readonly name = "ProxySettingsError";
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`The proxy's settings cannot be used:\n${faults.join("\n")}`);
    this.faults = faults;
  }
}

/** @throws {ProxySettingsError} */
export function checkProxySettings(given: unknown): ProxySettings {
  const settings = Value.Default(ProxySettings, structuredClone(given ?? {}));
  const faults = Value.Errors(ProxySettings, settings).map(
    ({ instancePath, message }) => `${instancePath}: ${message}`,
  );
  if (faults.length > 0) throw new ProxySettingsError(faults);
  return settings as ProxySettings;
}

/**
 * @param file YAML
 * @throws {ProxySettingsError}
 */
export function loadProxySettings(file: string): ProxySettings {
  return checkProxySettings(parseYaml(readFileSync(file, "utf8")));
}
