/** What the smoke test talks to. */
export interface SmokeTarget {
  /** Where the world comes in, `https://…`. */
  readonly url: string;
  /** PEM; undefined: a certificate of a public authority. */
  readonly ca: string | undefined;
  /** Of an administrator. */
  readonly apiKey: string;
  /** Each gateway by itself, from inside; none: it cannot be reached from here. */
  readonly gateways: readonly string[];
  /** `host:port` of each gateway's gRPC. */
  readonly grpc: readonly string[];
  /** Plain HTTP, which leads to HTTPS; undefined: not offered. */
  readonly httpUrl: string | undefined;
  /** Voice alone; undefined: not offered. */
  readonly voiceUrl: string | undefined;
  /** Where the administration is open, and the name its certificate is for where it is not that of the URL; undefined: at `url`, since we are an operator. */
  readonly operators: { readonly url: string; readonly name?: string } | undefined;
  /** Whether nobody minds what cannot be taken back: an accepted training example. */
  readonly isForTrial: boolean;
}
