import type { Settings } from "../../services/settings/index.ts";
import type { TemplateValues } from "./fill-template.ts";
import { errorPages, errorTexts } from "./proxy-errors.ts";
import type { ProxySettings } from "./proxy-settings.ts";
import { drainingMarks, upstreamGroups } from "./upstreams.ts";

/** What of the gateway's settings nginx follows. */
export type GatewaySettings = Pick<Settings, "http" | "batch" | "serverless" | "speech" | "voice">;

/** Around a file in a form. */
const formBytes = 65_536;
/** `POST /v1/sectors`: thirty examples and more. */
const sectorBytes = 8 * 1024 * 1024;
/** A waiting `/v2/…/runsync` may take its longest wait, 300 s, and a call's 30 s. */
const longestWaitMs = 330_000;
const marginMs = 10_000;

/** Everything that stands in the templates of nginx/. */
export function templateValues(proxy: ProxySettings, gateway: GatewaySettings): TemplateValues {
  const { http, batch, serverless, speech, voice } = gateway;
  const fileLimit = String(batch.maxFileBytes + formBytes);
  const longestPauseMs = Math.max(http.replyTimeoutMs, longestWaitMs) + marginMs;
  return {
    user: proxy.user === "" ? [] : [`user ${proxy.user};`],
    pid_file: proxy.pidFile,
    log_folder: proxy.logFolder,
    state_folder: proxy.stateFolder,
    certificate: proxy.certificate,
    certificate_key: proxy.certificateKey,
    hsts_max_age: String(proxy.hstsMaxAgeS),

    server_names: proxy.serverNames.length === 0 ? "_" : proxy.serverNames.join(" "),
    listen_https: listens(
      proxy,
      proxy.httpsPort,
      proxy.serverNames.length === 0 ? "ssl http2 default_server" : "ssl http2",
    ),
    other_servers: otherServers(proxy, fileLimit),
    trusted_proxies: proxy.trustedProxies.map((network) => `set_real_ip_from ${network};`),
    operators: proxy.operators.map((network) => `${network} 1;`),
    resolver: proxy.resolver === "" ? [] : [`resolver ${proxy.resolver} valid=5s ipv6=off;`, "resolver_timeout 2s;"],
    // Three failures in five seconds, and it is left out for five: one refusal may be a restart that is over at once.
    gateways: upstreamGroups("gateways", proxy, ["least_conn;"], "max_fails=3 fail_timeout=5s"),
    // Never left out: its 503 means that its sessions are taken, and all gateways left out would be a 502 where 503 tells more.
    voice_gateways: upstreamGroups("voice_sessions", proxy, ["hash $voice_session consistent;"], "max_fails=0"),
    draining_marks: drainingMarks(proxy),
    requests_per_second: String(proxy.requestsPerSecond),
    request_burst: String(proxy.requestBurst),
    connections_per_address: String(proxy.connectionsPerAddress),
    uploads_per_address: String(proxy.uploadsPerAddress),

    headers_timeout: millis(http.headersTimeoutMs),
    request_timeout: millis(http.requestTimeoutMs),
    // nginx has no "for ever".
    stalled_reader: http.stalledReaderMs === 0 ? "1d" : millis(http.stalledReaderMs),
    longest_pause: millis(longestPauseMs),
    shutdown_timeout: millis(voice.maxSessionS * 1000 + longestPauseMs),

    body_limit: String(http.bodyLimitBytes),
    recording_limit: String(speech.maxUploadBytes + formBytes),
    file_limit: fileLimit,
    sector_limit: String(sectorBytes),
    run_limit: String(serverless.runBodyBytes),
    runsync_limit: String(serverless.runsyncBodyBytes),

    error_texts: errorTexts().split("\n"),
    error_pages: errorPages().split("\n"),
  };
}

function otherServers(proxy: ProxySettings, uploadLimit: string): readonly string[] {
  const { httpPort, voicePort, statusPort, operatorsPort, serverNames } = proxy;
  const named = serverNames.length > 0;
  return [
    ...(named ? unknownNames(listens(proxy, proxy.httpsPort, "ssl http2 default_server")) : []),
    ...(named && voicePort > 0 ? unknownNames(listens(proxy, voicePort, "ssl default_server")) : []),
    ...(httpPort === 0 ? [] : toHttps(listens(proxy, httpPort, "default_server"), proxy)),
    ...(voicePort === 0 ? [] : voiceAlone(listens(proxy, voicePort, named ? "ssl" : "ssl default_server"), proxy)),
    ...(statusPort === 0 ? [] : counters(statusPort)),
    ...(operatorsPort === 0
      ? []
      : operatorsAlone(listens(proxy, operatorsPort, "ssl http2 default_server"), uploadLimit)),
  ];
}

/** Handshakes for other names are refused; who lies about the name afterwards is told so. */
function unknownNames(listen: readonly string[]): readonly string[] {
  return block("server", [
    ...listen,
    "server_name _;",
    "ssl_reject_handshake on;",
    "include snippets/error-pages.conf;",
    ...block("location /", ["return 421;"]),
  ]);
}

/** 308 keeps method and body. Whoever has seen HSTS never comes here. */
function toHttps(listen: readonly string[], { httpsPort, serverNames, acmeFolder }: ProxySettings): readonly string[] {
  const [first] = serverNames.filter((name) => !name.startsWith("*"));
  const port = httpsPort === 443 ? "" : `:${httpsPort}`;
  return block("server", [
    ...listen,
    "server_name _;",
    ...(acmeFolder === "" ? [] : block("location ^~ /.well-known/acme-challenge/", [`root ${acmeFolder};`])),
    ...block("location /", [`return 308 https://${first ?? "$host"}${port}$request_uri;`]),
  ]);
}

function voiceAlone(listen: readonly string[], { serverNames }: ProxySettings): readonly string[] {
  return block("server", [
    ...listen,
    `server_name ${serverNames.length === 0 ? "_" : serverNames.join(" ")};`,
    "include snippets/reply-headers.conf;",
    "include snippets/error-pages.conf;",
    "include snippets/draining.conf;",
    ...block("location /", [
      "include snippets/guard.conf;",
      "include snippets/voice.conf;",
      "rewrite ^ /v1/realtime break;",
      "proxy_pass http://voice_sessions$without;",
    ]),
  ]);
}

/** Nobody is counted or shut out here; whoever comes still needs an administrator's key. */
function operatorsAlone(listen: readonly string[], uploadLimit: string): readonly string[] {
  return block("server", [
    ...listen,
    "server_name _;",
    "include snippets/reply-headers.conf;",
    "include snippets/error-pages.conf;",
    "include snippets/draining.conf;",
    `client_max_body_size ${uploadLimit};`,
    "proxy_buffering off;",
    ...block("location /", ["include snippets/forward.conf;", "proxy_pass http://gateways$without;"]),
  ]);
}

function counters(port: number): readonly string[] {
  return block("server", [
    `listen 127.0.0.1:${port};`,
    "access_log off;",
    ...block("location = /nginx-status", ["stub_status;"]),
    ...block("location /", ["return 404;"]),
  ]);
}

function listens({ addresses }: ProxySettings, port: number, options: string): readonly string[] {
  return addresses.map((address) => `listen ${address}:${port} ${options};`);
}

function block(head: string, lines: readonly string[]): readonly string[] {
  return [`${head} {`, ...lines.map((line) => `    ${line}`), "}"];
}

function millis(ms: number): string {
  return `${ms}ms`;
}
