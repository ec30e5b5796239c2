import { type AddCommand, interruptible } from "../command-context.ts";
import { exitCodes } from "../exit-codes.ts";
import { plainText } from "../turkish-format.ts";

interface Health {
  readonly status?: string;
  readonly model_ready?: boolean;
  readonly capacity?: { readonly active?: number; readonly total?: number; readonly available?: number };
  readonly service?: string;
  readonly version?: string;
}

/** `sektor health`: exit code 0 when the server can serve, 1 when it says it cannot, 3 when nobody answers. */
export const addHealth: AddCommand = (program, context) => {
  program
    .command("health")
    .description("sunucunun durumunu göster")
    .option("--json", "sunucunun yanıtını JSON olarak yaz")
    .action(async (options: { readonly json?: boolean }) => {
      const server = context.server();
      const { ok, body } = await interruptible(context, (signal) => server.getHealth(signal));
      if (!ok) context.finish(exitCodes.error);
      context.stdout.write(
        options.json === true
          ? `${JSON.stringify(body, null, 2)}\n`
          : describeHealth(body as Health | null, server.url),
      );
    });
};

function describeHealth(health: Health | null, url: string): string {
  const capacity = health?.capacity;
  const lines = [
    `Sunucu    ${url}${health?.service === undefined ? "" : ` · ${health.service}`}${health?.version === undefined ? "" : ` ${health.version}`}`,
    `Durum     ${health?.status ?? "bilinmiyor"}`,
    `Model     ${health?.model_ready === true ? "hazır" : "hazır değil"}`,
    ...(capacity === undefined
      ? []
      : [
          `Kapasite  ${capacity.active ?? "?"} / ${capacity.total ?? "?"} kullanımda, ${capacity.available ?? "?"} boş`,
        ]),
  ];
  return `${plainText(lines.join("\n"))}\n`;
}
