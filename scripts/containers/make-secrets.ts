/**
 * Makes the secrets of docker-compose.yml and deploy/kubernetes: random passwords and keys, each in a file. What is there already stays as it is.
 *
 *   node --import tsx scripts/containers/make-secrets.ts FOLDER [--host NAME]… [--alerts URL]
 *
 * --host: names the certificate for trials is for (localhost unless told); put your own in tls_certificate and tls_key. --alerts: where alerts are posted to.
 */
import { parseArgs } from "node:util";
import { makeSecrets } from "./secret-files.ts";

const { values, positionals } = parseArgs({
  options: { host: { type: "string", multiple: true }, alerts: { type: "string" } },
  allowPositionals: true,
});
const [folder] = positionals;
if (folder === undefined) {
  console.error("FOLDER says where they go.");
  process.exitCode = 2;
} else {
  const { made, kept } = makeSecrets(folder, {
    hosts: values.host ?? ["localhost"],
    alertWebhookUrl: values.alerts ?? "http://127.0.0.1:9/",
  });
  for (const name of made) console.log(`yazıldı: ${name}`);
  if (kept.length > 0) console.log(`${kept.length} dosya vardı, dokunulmadı.`);
  console.log(`Anahtarınız / your key: ${folder}/api_key`);
  if (values.alerts === undefined) console.log("Uyarılar hiçbir yere gitmez / alerts go nowhere: --alerts URL");
}
