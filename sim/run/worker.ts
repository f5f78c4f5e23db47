import { parentPort } from "node:worker_threads";
import type { Fact } from "../facts.ts";
import { runWorld, startMs } from "../world/world.ts";
import type { Job, Told } from "./job.ts";
import { concerns, createStory } from "./story.ts";

/** Facts between two looks at the wall clock, and how often a worker says how far it is, ms. */
const lookEvery = 4_096;
const sayEveryMs = 1_000;
/** Lines that are sent together. */
const linesAtOnce = 500;

type Watch = { readonly see: (fact: Fact) => void; readonly end: () => readonly string[] };

/** Says now and then how far the world is. */
function progress(say: (told: Told) => void): (fact: Fact) => void {
  let facts = 0;
  let heartbeats = 0;
  let saidMs = Date.now();
  return (fact) => {
    facts++;
    if (fact.kind === "sent" && fact.method === "PUT") heartbeats++;
    if (facts % lookEvery !== 0 || Date.now() - saidMs < sayEveryMs) return;
    saidMs = Date.now();
    say({ kind: "underway", simulatedMs: fact.atMs - startMs, heartbeats });
  };
}

function tracing(trace: Job["trace"], say: (told: Told) => void): Watch {
  const story = createStory(startMs);
  const lines: string[] = [];
  if (trace === "none") return { see: () => undefined, end: () => [] };
  if (trace === "all") {
    const send = (): void => say({ kind: "lines", lines: lines.splice(0) });
    return {
      see(fact) {
        const line = story.tell(fact);
        if (line !== undefined && lines.push(line) >= linesAtOnce) send();
      },
      end() {
        send();
        return [];
      },
    };
  }
  return {
    see(fact) {
      const line = story.tell(fact);
      if (line === undefined || !concerns(fact, trace.about)) return;
      if (lines.push(line) > trace.most) lines.shift();
    },
    end: () => lines,
  };
}

async function work(job: Job, say: (told: Told) => void): Promise<void> {
  const advance = progress(say);
  const watch = tracing(job.trace, say);
  const trace = (fact: Fact): void => {
    advance(fact);
    watch.see(fact);
  };
  try {
    const result = await runWorld({ ...job.world, trace });
    say({ kind: "done", result, trace: watch.end() });
  } catch (error) {
    watch.end();
    say({ kind: "broke", error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

const port = parentPort;
if (port === null) throw new Error("this is run as a worker thread");
port.on("message", (job: Job) => void work(job, (told) => port.postMessage(told)));
