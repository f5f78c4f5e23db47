import { type MemoryDatabase, memoryDatabase } from "../../dev/memory-database.ts";
import { testClock } from "../../dev/test-clock.ts";
import type { Database, StoredItem } from "../../shared/ports/database.ts";
import { cleanedKey } from "../../shared/store/keys.ts";
import { writeRecord } from "../../shared/store/write.ts";
import { type ControlPlane, openCloud, openControlPlane } from "./control-plane.ts";
import { type ReleaseData, toAttributes } from "./release-data.ts";

const east = "backbone/east";
const west = "backbone/west";
export const hosts = [`${east}/e1`, `${east}/e2`, `${west}/w1`, `${west}/w2`];

const branch = `
      branch:
        networks: [10.2.0.0/16]
        cloud: { provider: aws, region: eu-central-1, vpc: vpc-0b, routeTables: [rtb-0b1] }
        hosts: { b1: { target: eni-0b1 } }`;
const file = (more: string) => `version: 1
links:
  backbone:
    locations:
      east:
        networks: [10.0.0.0/16]
        cloud: { provider: aws, region: eu-central-1, vpc: vpc-0e, routeTables: [rtb-0e1] }
        hosts:
          e1: { priority: 20, target: eni-0e1 }
          e2: { priority: 10, target: eni-0e2 }
      west:
        networks: [10.1.0.0/16]
        cloud: { provider: aws, region: eu-central-1, vpc: vpc-0w, routeTables: [rtb-0w1] }
        hosts:
          w1: { priority: 20, target: eni-0f1 }
          w2: { priority: 10, target: eni-0f2 }
      office:
        networks: [192.168.0.0/16]
        hosts: { router: { static: true, publicAddress: 203.0.113.9 } }${more}
`;

/**
 * A life that leaves behind an item of every kind, lived by the code as it is now: configurations, heartbeats, elections,
 * a fail-over, swaps, an operator's wishes, a location that was removed, a suspicion, an examination.
 */
export async function live(release: string): Promise<ReleaseData> {
  const clock = testClock();
  const memory = memoryDatabase(clock);
  const { database, itemsWithExpiry } = noting(memory);
  const cloud = openCloud(clock);
  const plane = openControlPlane(clock, database, cloud);
  await apply(plane, file(branch));
  await beatAll(plane, [...hosts, "backbone/branch/b1"], 60);
  await plane.minute();
  await beatAll(plane, [...hosts.filter((host) => host !== `${west}/w1`), "backbone/branch/b1"], 40);
  await plane.minute();
  await apply(plane, file(""));
  await beatAll(plane, hosts, 5);
  await ask(plane, "POST", `pin/${east}`, { host: "e1", why: "to be seen later" });
  await ask(plane, "POST", `drain/${west}`, { host: "w1", why: "to be seen later" });
  await ask(plane, "POST", "doctor", { location: east });
  await suspectAndExamine(plane);
  await writeRecord(database, cleanedKey, { pk: "", sk: "" }, undefined);
  await beatAll(plane, hosts, 1);
  return { release, atMs: clock.nowMs(), items: itemsWithExpiry(), routes: cloud.standing() };
}

async function suspectAndExamine({ store, examinations, clock }: ControlPlane): Promise<void> {
  const { network } = (await store.readNetwork()).value;
  const link = network.links[0];
  const [location] = link?.locations ?? [];
  const [first, second] = location?.hosts ?? [];
  if (link === undefined || location === undefined || first === undefined || second === undefined) return;
  const atMs = clock.nowMs();
  const suspicion = { hostId: second.id, epoch: 99, markedMs: atMs, evaluateMs: atMs + 2_300, by: first.id };
  await store.writeSuspicion(link.id, location.id, suspicion, undefined);
  const finding = { check: "tables", state: "pass", about: "rtb-0e1", found: "is there", next: "" } as const;
  await examinations.report("anExamination", { locationId: location.id, atMs, findings: [finding] }, undefined);
}

async function apply(plane: ControlPlane, text: string): Promise<void> {
  for (;;) {
    const answer = await ask(plane, "POST", "apply", { file: text, allowRemove: true, why: "a release's life" });
    if (answer.status === 200) return;
    await plane.minute();
  }
}

/** Throws what the admin API refused with. */
async function ask(plane: ControlPlane, method: string, path: string, body: unknown) {
  const answer = await plane.admin(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}

/** Each host is heard every five seconds. */
export async function beatAll(plane: ControlPlane, paths: readonly string[], seconds: number): Promise<void> {
  for (let passedS = 0; passedS < seconds; passedS += 5) {
    await plane.clock.advance(5_000);
    for (const path of paths) {
      const { status, text } = await plane.beat(path);
      if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    }
  }
}

/** A database that notes when its items expire, which the port does not tell. */
function noting(memory: MemoryDatabase) {
  const expiries = new Map<string, number | undefined>();
  const nameOf = (item: Pick<StoredItem, "key">) => `${item.key.pk} ${item.key.sk}`;
  const database: Database = {
    get: (key, consistency) => memory.get(key, consistency),
    query: (query, consistency) => memory.query(query, consistency),
    remove: (key, expected) => memory.remove(key, expected),
    put: (item, expected) => {
      expiries.set(nameOf(item), item.expiresAtS);
      return memory.put(item, expected);
    },
  };
  const itemsWithExpiry = () => memory.dump().map((item) => toAttributes(item, expiries.get(nameOf(item))));
  return { database, itemsWithExpiry };
}
