import type { ServerClient } from "./server-client.ts";

/** Sector id → Turkish name, as the server tells them. */
export type SectorNames = ReadonlyMap<string, string>;

/** @throws as ServerClient.getJson */
export async function loadSectorNames(server: ServerClient, signal?: AbortSignal): Promise<SectorNames> {
  const body = (await server.getJson("v1/sectors", signal)) as { data?: unknown } | null;
  const list = Array.isArray(body?.data) ? body.data : [];
  return new Map(
    list.flatMap((sector: { id?: unknown; name?: { tr?: unknown } } | null) =>
      typeof sector?.id === "string" && typeof sector.name?.tr === "string"
        ? [[sector.id, sector.name.tr] as const]
        : [],
    ),
  );
}

/** `Sağlık (healthcare)`; the id alone where the name is unknown; what no sector means in words. */
export function sectorLabel(id: string | null, names: SectorNames): string {
  if (id === null) return "genel (sektör seçilmedi)";
  const name = names.get(id);
  return name === undefined ? id : `${name} (${id})`;
}
