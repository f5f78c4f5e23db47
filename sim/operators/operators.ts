import { type Chance, chanceOf } from "../engine/chance.ts";
import type { Timeline } from "../engine/timeline.ts";
import type { Observe } from "../facts.ts";
import type { Incident } from "../faults/kinds.ts";
import type { Weather } from "../faults/weather.ts";
import { networkFile, type Shape } from "../world/shape.ts";
import { changedShape } from "./changes.ts";

/** The people who run the mesh: what they ask for through the admin API, and how they put it back. */
export type Operators = {
  /** Puts the world's first configuration in force. */
  setUp(): Promise<void>;
  /** Begins an incident of theirs: the kinds from `operator-pin` to `operator-pause`. It ends by itself. */
  begin(incident: Incident): void;
  /** Takes back everything that was asked for, and adopts what others pointed elsewhere. */
  tidyUp(): Promise<void>;
};

export type OperatorOptions = {
  readonly timeline: Timeline;
  readonly weather: Weather;
  readonly observe: Observe;
  readonly shape: Shape;
  readonly token: string;
  readonly admin: (request: Request) => Promise<Response>;
};

type Asked = { readonly status: number; readonly text: string };

/** A command is asked for again after this, so many times. ms */
const againMs = 3_000;
const tries = 40;

export function createOperators(options: OperatorOptions): Operators {
  const { timeline, weather, observe, shape } = options;
  /** What is to be in force, by those who try something now: the newest is on top. */
  const changes: { readonly number: number; readonly shape: Shape }[] = [];
  const wanted = (): Shape => changes.at(-1)?.shape ?? shape;

  const ask = async (path: string, body: object): Promise<Asked> => {
    const request = new Request(`https://admin.test/admin/v1/${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${options.token}`, "pointsman-operator": "ann" },
      body: JSON.stringify({ why: "simulated", ...body }),
    });
    const answered = await options.admin(request).then(
      async (response): Promise<Asked> => ({ status: response.status, text: await response.text() }),
      (error: unknown): Asked => ({ status: 0, text: String(error) }),
    );
    observe({ kind: "operator", atMs: timeline.nowMs(), command: path, ...answered });
    return answered;
  };

  /** Asks until it is answered well, or refused for good. */
  const insist = async (
    path: string,
    body: () => object = () => ({}),
    isDone: (asked: Asked) => boolean = isFinal,
  ): Promise<void> => {
    for (let time = 0; time < tries; time++) {
      if (isDone(await ask(path, body()))) return;
      await timeline.after(againMs);
    }
  };

  /** Puts in force what is wanted by then; a host that is to go may have to hand over first. */
  const apply = (): Promise<void> =>
    insist("apply", () => ({ file: networkFile(wanted()), allowRemove: true }), isApplied);

  const someHost = (chance: Chance): { readonly place: string; readonly host: string } => {
    const location = chance.pick(shape.locations);
    return { place: `${shape.linkName}/${location.name}`, host: chance.pick(location.hosts).name };
  };

  const carryOut = async (incident: Incident): Promise<void> => {
    const chance = chanceOf(Math.floor(incident.roll * 2 ** 32));
    const lastsMs = incident.toMs - incident.fromMs;
    const { place, host } = someHost(chance);
    weather.note(incident.kind, `${place}/${host}`);
    switch (incident.kind) {
      case "operator-pin":
        await ask(`pin/${place}`, { host });
        await timeline.after(lastsMs);
        return insist(`unpin/${place}`);
      case "operator-drain":
        await ask(`drain/${place}`, { host });
        await timeline.after(lastsMs);
        return insist(`undrain/${place}`, () => ({ host }));
      case "operator-switchover":
        await ask(`switchover/${place}`, chance.is(0.5) ? { host } : {});
        return;
      case "operator-pause":
        await ask("pause", chance.is(0.5) ? {} : { link: shape.linkName });
        await timeline.after(lastsMs);
        return insist("resume");
      case "operator-apply": {
        const number = incident.number;
        changes.push({ number, shape: changedShape(chance, shape) });
        await Promise.race([apply(), timeline.after(lastsMs)]);
        const at = changes.findIndex((change) => change.number === number);
        if (at >= 0) changes.splice(at, 1);
        return apply();
      }
      default:
        throw new Error(`not an operator's: ${incident.kind}`);
    }
  };

  return {
    setUp: apply,
    begin: (incident) => void carryOut(incident),
    async tidyUp() {
      changes.length = 0;
      await insist("resume");
      await apply();
      for (const location of shape.locations) {
        const place = `${shape.linkName}/${location.name}`;
        await insist(`unpin/${place}`);
        for (const { name } of location.hosts) await insist(`undrain/${place}`, () => ({ host: name }));
        await insist(`adopt/${place}`);
      }
    },
  };
}

/** Answered well, or refused for a reason that asking again does not change. */
function isFinal({ status }: Asked): boolean {
  return status >= 200 && status < 500 && status !== 429;
}

/** An apply that was refused because somebody has to take over first, or somebody else applied, may do later. */
function isApplied({ status, text }: Asked): boolean {
  return status === 422 || status === 400 || (status === 200 && !text.includes('"switching"'));
}
