import { createOciEmulator, type OciEmulator } from "../../../dev/emulators/oci/emulator.ts";
import { inProcess } from "../../../dev/emulators/oci/in-process.ts";
import type { RouteRule } from "../../../dev/emulators/oci/world.ts";
import { type TestClock, testClock } from "../../../dev/test-clock.ts";
import type { OciCloud } from "../../../shared/domain/clouds/oci.ts";
import type { CloudSecrets } from "../../../shared/ports/cloud-secrets.ts";
import type {
  ChangeOutcome,
  Guard,
  RouteChange,
  RouteProvider,
  Survey,
  TableRef,
  TargetOutcome,
} from "../../../shared/ports/route-provider.ts";
import { ociClient } from "../../../shared/providers/oci/client.ts";
import { apiKeyIdentity } from "../../../shared/providers/oci/identity.ts";
import { ociProvider } from "../../../shared/providers/oci/provider.ts";
import { mayWrite, turnOf, untilDone } from "../contract/world.ts";
import { heldSecrets, KEY } from "./api-key.ts";
import { cloudOf, ocid, REGION, seedOf } from "./emulated-world.ts";

export const [TABLE, SECOND] = [ocid("routetable", "0000"), ocid("routetable", "0001")];
export const [A, B] = [ocid("privateip", "a"), ocid("privateip", "b")];
export const FLOATING = ocid("privateip", "second");
/** The floating address as a destination. */
export const ADDRESS = "10.0.0.40/32";

/** A table of the world as the provider names it. */
export const refOf = (id: string): TableRef => ({ id, key: `oci/${REGION}/${id}` });
export const create = (id: string, destination: string, target: string): RouteChange => ({
  kind: "create",
  table: refOf(id),
  destination,
  target,
});
export const replace = (id: string, destination: string, target: string, found: string): RouteChange => ({
  kind: "replace",
  table: refOf(id),
  destination,
  target,
  found,
});
export const remove = (id: string, destination: string, found: string): RouteChange => ({
  kind: "remove",
  table: refOf(id),
  destination,
  found,
});

/** What became of each change: `written`, or the code of its error. */
export const results = (outcomes: readonly ChangeOutcome[]): readonly string[] =>
  outcomes.map((outcome) => (outcome.result === "written" ? "written" : outcome.error.code));

export function errorOf(outcome: ChangeOutcome | TargetOutcome | undefined) {
  if (outcome?.result !== "failed") throw new Error("it did not fail");
  return outcome.error;
}

export type VirtualWorld = {
  readonly clock: TestClock;
  readonly emulator: OciEmulator;
  readonly provider: RouteProvider;
  survey(): Promise<Survey>;
  write(changes: readonly RouteChange[], guard?: Guard, signal?: AbortSignal): Promise<readonly ChangeOutcome[]>;
  plant(table: string, destination: string, target: string, more?: Partial<RouteRule>): void;
  /** The rules of a table that OCI did not make itself. */
  rules(table: string): readonly RouteRule[];
  /** What a destination of a table points at. */
  targetOf(table: string, destination: string): string | undefined;
  calls(): number;
  /** Lets time go on until a promise is settled. */
  drive<T>(promise: Promise<T>): Promise<T>;
};

const STEPS = 100_000;

/** The provider on the emulator in virtual time, with the real SDK and without sockets. */
export function virtualWorld(
  settings: Partial<OciCloud> = {},
  secrets: CloudSecrets = heldSecrets(KEY.secret),
): VirtualWorld {
  const clock = testClock();
  const emulator = createOciEmulator({ clock, world: seedOf([TABLE, SECOND]) });
  const client = ociClient(REGION, apiKeyIdentity(secrets, "oci"), "http://oci.test", inProcess(emulator));
  const cloud = { ...cloudOf(ocid("vcn", "home"), { by: "network" }), ...settings };
  const provider = ociProvider(cloud, client, clock);
  const rules = (table: string) => emulator.control.edit.rules(table).filter(({ routeType }) => routeType !== "LOCAL");
  const drive = async <T>(promise: Promise<T>): Promise<T> => {
    let isOver = false;
    const mark = () => {
      isOver = true;
    };
    promise.then(mark, mark);
    for (let steps = 0; !isOver && steps < STEPS; steps++) {
      if (!(await clock.step())) await new Promise((resolve) => setImmediate(resolve));
    }
    return promise;
  };
  return {
    clock,
    emulator,
    provider,
    survey: () => drive(provider.survey(untilDone())),
    write: (changes, guard = mayWrite, signal = untilDone()) => drive(provider.write(changes, turnOf(guard), signal)),
    plant: (table, destination, target, more = {}) =>
      emulator.control.edit.putRule(table, {
        destination,
        destinationType: "CIDR_BLOCK",
        networkEntityId: target,
        ...more,
      }),
    rules,
    targetOf: (table, destination) => rules(table).find((rule) => rule.destination === destination)?.networkEntityId,
    calls: () => emulator.control.calls().length,
    drive,
  };
}
