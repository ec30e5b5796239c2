import { statfs } from "node:fs/promises";
import { Gauge, type Registry } from "prom-client";
import { within } from "../foundation/index.ts";
import { oncePerScrape } from "./once-per-scrape.ts";

/** A disk that hangs must not make the scrape hang. */
const limitMs = 500;

/** Room where the data is kept, read when Prometheus asks. @param folder may not be there yet */
export function registerDiskMetrics(registry: Registry, folder: string): void {
  const registers = [registry];
  const look = oncePerScrape(() =>
    within(limitMs, statfs(folder), () => new Error("late")).catch((): undefined => undefined),
  );
  new Gauge({
    name: "sektor_disk_size_bytes",
    help: "Size of the file system that holds the data folder.",
    registers,
    async collect() {
      const disk = await look();
      if (disk === undefined) this.remove();
      else this.set(disk.blocks * disk.bsize);
    },
  });
  new Gauge({
    name: "sektor_disk_free_bytes",
    help: "Bytes of the data folder's file system that this process may still write.",
    registers,
    async collect() {
      const disk = await look();
      if (disk === undefined) this.remove();
      else this.set(disk.bavail * disk.bsize);
    },
  });
}
