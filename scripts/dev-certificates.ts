/**
 * Certificates to try TLS and mTLS with: an authority, a server, a client, good for 30 days. Never for production: the authority's key
 * lies beside them. They go into a folder that git ignores.
 *
 *   node --import tsx scripts/dev-certificates.ts [folder] [more names or addresses of the server…]
 */
import { relative, resolve } from "node:path";
import { makeDevCertificates } from "./lib/dev-certificates.ts";

const [folder = ".sektor/certificates", ...more] = process.argv.slice(2);
const { ca, server, client } = makeDevCertificates(resolve(folder), ["localhost", "127.0.0.1", "::1", ...more], 30);
const show = (path: string): string => relative(process.cwd(), path);

process.stdout.write(`Sunucu / server:
  SEKTOR_GRPC_CERT=${show(server.cert)} SEKTOR_GRPC_KEY=${show(server.key)} SEKTOR_GRPC_CLIENT_CA=${show(ca.cert)} npm start
İstemci / client:
  grpcurl -cacert ${show(ca.cert)} -cert ${show(client.cert)} -key ${show(client.key)} localhost:16071 list
`);
