/**
 * Writes nginx.conf and its snippets for this machine. Limits and waits come from the gateway's settings (configs/ and SEKTOR_… variables).
 *
 *   node --import tsx scripts/nginx/render.ts [--settings nginx/default.yaml] [--configs configs] --out FOLDER
 *   nginx -t -c FOLDER/nginx.conf
 */
import { parseArgs } from "node:util";
import { PlatformError } from "../../services/foundation/index.ts";
import { loadSettings } from "../../services/settings/index.ts";
import { loadProxySettings, ProxySettingsError } from "./proxy-settings.ts";
import { renderNginx, writeNginx } from "./render-nginx.ts";

const { values } = parseArgs({
  options: {
    settings: { type: "string", default: "nginx/default.yaml" },
    configs: { type: "string", default: "configs" },
    out: { type: "string" },
  },
});

if (values.out === undefined) {
  console.error("--out FOLDER says where the files go.");
  process.exitCode = 2;
} else {
  try {
    const files = renderNginx(loadProxySettings(values.settings), loadSettings(values.configs, process.env));
    writeNginx(files, values.out);
    for (const file of files.keys()) console.log(file);
  } catch (failure) {
    // What the caller can mend is said in words; anything else is a fault of ours and keeps its trace.
    if (!(failure instanceof ProxySettingsError || failure instanceof PlatformError)) throw failure;
    console.error(failure.message);
    process.exitCode = 1;
  }
}
