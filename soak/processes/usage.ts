import { readFile } from "node:fs/promises";

/** Linux counts processor time in hundredths of a second for whoever reads it. */
const TICKS_PER_S = 100;

/** What a child and those before it used. */
export type Usage = {
  /** Processor time of all incarnations so far. s */
  readonly cpuS: number;
  readonly rssMb: number;
  readonly mostRssMb: number;
};

/** Follows a process through its restarts; `sample` is called about once a second. Zero where /proc is not there. */
export function createUsageMeter(pid: () => number | undefined): { sample(): Promise<void>; readonly usage: Usage } {
  const cpuByPid = new Map<number, number>();
  let rssMb = 0;
  let mostRssMb = 0;
  return {
    async sample() {
      const now = pid();
      if (now === undefined) return;
      const [stat, status] = await Promise.all([text(`/proc/${now}/stat`), text(`/proc/${now}/status`)]);
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const ticks = Number(fields[11]) + Number(fields[12]);
      if (Number.isFinite(ticks)) cpuByPid.set(now, ticks / TICKS_PER_S);
      const kb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN);
      if (Number.isFinite(kb)) rssMb = kb / 1024;
      mostRssMb = Math.max(mostRssMb, rssMb);
    },
    get usage() {
      return { cpuS: [...cpuByPid.values()].reduce((sum, seconds) => sum + seconds, 0), rssMb, mostRssMb };
    },
  };
}

async function text(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
