import cliProgress from "cli-progress";

export interface ProgressBarOptions {
  /** Shown before the bar; Turkish, short. */
  readonly label?: string;
  readonly unit?: "bytes" | "count";
}

export interface ProgressBar {
  /** @param total undefined: not known yet */
  update(done: number, total: number | undefined): void;
  /** Leaves the last state on screen; safe to call twice, or without any update. */
  stop(): void;
}

/** A stream that may or may not be a terminal: process.stderr, or a PassThrough in tests. */
export type ProgressStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/**
 * A bar that redraws itself on a terminal; elsewhere (logs, files) one plain line every 10 %.
 * While the total is unknown: every 64 MiB, or every 100 things.
 */
export function createProgressBar(stream: ProgressStream, options: ProgressBarOptions = {}): ProgressBar {
  const label = options.label ?? "İndiriliyor";
  const show = options.unit === "count" ? (value: number) => number.format(value) : formatBytes;
  return stream.isTTY === true
    ? terminalBar(stream, label, show)
    : plainLines(stream, label, show, options.unit === "count" ? 100 : 64 << 20);
}

type Show = (value: number) => string;

function terminalBar(stream: ProgressStream, label: string, show: Show): ProgressBar {
  const bar = new cliProgress.SingleBar({
    stream,
    format: (_options, { progress, value, total, eta }) => {
      const filled = Math.round(progress * 24);
      const drawn = "█".repeat(filled) + "░".repeat(24 - filled);
      if (total <= 0) return `${label} ${show(value)}`;
      const rest = Number.isFinite(eta) && eta > 0 ? ` · kalan ${formatDuration(eta)}` : "";
      return `${label} ${drawn} %${Math.floor(progress * 100)} · ${show(value)} / ${show(total)}${rest}`;
    },
    etaBuffer: 60,
    hideCursor: true,
    fps: 8,
  });
  let started = false;
  return {
    update(done, total) {
      if (!started) bar.start(total ?? 0, done);
      started = true;
      if (total !== undefined && total !== bar.getTotal()) bar.setTotal(total);
      bar.update(done);
    },
    stop() {
      if (started) bar.stop();
      started = false;
    },
  };
}

function plainLines(stream: ProgressStream, label: string, show: Show, step: number): ProgressBar {
  let last = -1;
  return {
    update(done, total) {
      const known = total !== undefined && total > 0;
      const mark = known ? Math.floor((done / total) * 10) : Math.floor(done / step);
      if (mark === last) return;
      last = mark;
      stream.write(known ? `${label} %${mark * 10} (${show(done)} / ${show(total)})\n` : `${label} ${show(done)}\n`);
    },
    stop() {
      last = -1;
    },
  };
}

const number = new Intl.NumberFormat("tr-TR", { maximumFractionDigits: 1 });

function formatBytes(bytes: number): string {
  if (bytes >= 1 << 30) return `${number.format(bytes / 2 ** 30)} GiB`;
  if (bytes >= 1 << 20) return `${number.format(bytes / 2 ** 20)} MiB`;
  return `${number.format(bytes / 1024)} KiB`;
}

function formatDuration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} sn`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} dk` : `${number.format(seconds / 3600)} sa`;
}
