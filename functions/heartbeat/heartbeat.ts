import type { Id } from "../../shared/domain/ids.ts";
import type { HostPlace } from "../../shared/domain/network.ts";
import {
  jsonAnswer,
  type PlainAnswer,
  type PlainHandler,
  type PlainRequest,
} from "../../shared/platform/plain-http.ts";
import type { Consistency } from "../../shared/ports/database.ts";
import type { LocationRecords } from "../../shared/ports/store.ts";
import { type AuthHeaders, parseAuthHeaders, parseHeartbeatBody } from "../../shared/protocol/request.ts";
import { statePath } from "../../shared/protocol/signature.ts";
import { electNow } from "../failover/elect-now.ts";
import { answerCache } from "./answers.ts";
import { tellArrival } from "./arrival.ts";
import { authenticator, type Sender } from "./authenticate.ts";
import { clockEvents } from "./clock-events.ts";
import type { HeartbeatDeps } from "./deps.ts";
import { recordLeave } from "./leave.ts";
import { type LinkSnapshot, linkSnapshots } from "./link-snapshot.ts";
import { networkCache } from "./network-cache.ts";
import { isOverdue, seenState, wouldChange } from "./overdue.ts";
import { pulseKeeper } from "./pulse.ts";
import { recordHeartbeat } from "./record.ts";
import { reportOf } from "./report.ts";
import { raiseSuspicions } from "./suspect.ts";
import { toldRole } from "./told-role.ts";

/** The agent only looks at the status; a person reads the rest. */
const refuse = (status: number, error: string, headers: Record<string, string> = {}) =>
  jsonAnswer(status, { error }, headers);

const unknownSender = "unknown host or wrong signature";

/**
 * A mark of suspicion stands against the active host alone, and may not be missed: its heartbeats read strongly. Others
 * lose nothing by a read that lags: a write on an old revision is refused and then reads strongly, and an election that
 * the read suggests runs on strong evidence of its own.
 */
function consistencyFor({ link, location, host }: HostPlace, snapshot: LinkSnapshot): Consistency {
  return link.hostCheck && snapshot.view.active.get(location.id) === host.id ? "strong" : "eventual";
}

/**
 * The heartbeat endpoint: PUT and DELETE of /link/state. One a container; it keeps the configuration, keys,
 * answers and a link's snapshot, and reads liveness and suspicion anew each time.
 * Answers 200 to a known host with a valid signature, credited or not; 400 or 413 for a body that cannot be taken, 401
 * for an unknown host or a wrong signature alike, 404, 405, 409 for a nonce on record, 503 when the database cannot
 * be asked: the agent then goes on with its last good answer. Once a heartbeat is recorded it is answered well, even if
 * what follows from it (an event, a suspicion, an election) fails: the next heartbeat or sweep does that.
 */
export function createHeartbeat(deps: HeartbeatDeps): PlainHandler {
  const networks = networkCache(deps.store, deps.clock);
  const snapshots = linkSnapshots(deps.store, deps.clock);
  const authenticate = authenticator(networks, () => deps.secrets.masterKey());
  const sealedAnswer = answerCache(deps.random);
  const clocks = clockEvents(deps);
  const keepPulse = pulseKeeper(deps);
  const roleOf = toldRole(deps.store);

  const heartbeat = async (auth: AuthHeaders, sender: Sender, text: string): Promise<PlainAnswer> => {
    const body = parseHeartbeatBody(text);
    if ("problem" in body) return refuse(400, body.problem);
    const { link, location } = sender.place;
    const snapshot = await snapshots.get(link.id);
    const consistency = consistencyFor(sender.place, snapshot);
    const first = await deps.store.readLocation(link.id, location.id, consistency);
    const current = await currentSender(auth, sender, snapshot);
    if (current === undefined) return refuse(401, unknownSender);
    const { place } = current;
    const ordinals = current.cached.ordinals.get(place.link.id) ?? { hosts: new Map(), locations: new Map() };
    const report = reportOf(auth, body, ordinals, place.link.protocol);
    const seenPulse = snapshot.records.pulse?.value;
    const recorded = await recordHeartbeat(deps, place, report, first, seenPulse, keepPulse, clocks);
    if (recorded.kind === "replayed") return refuse(409, "this nonce was used before");

    const state = () =>
      seenState(place, current.cached.network.version, snapshot.records, recorded.records, recorded.pulse);
    if (recorded.written !== undefined) {
      await tellArrival(deps, place, recorded.prior, recorded.written);
      await raiseSuspicions(deps, state, place, recorded.written);
    }
    const activeId = isOverdue(place.location, recorded.records, deps.clock.nowMs())
      ? await electOverdue(current, recorded.records, state)
      : (recorded.records.head?.value.activeHostId ?? null);
    const holdsTunnels = Object.keys(body.status ?? {}).length > 0;
    const isActive = await roleOf(place, holdsTunnels, { isActive: activeId === place.host.id, consistency });
    return answer(current, snapshot, isActive);
  };

  /** The sender by the newest configuration that its link's snapshot knows of; undefined when it is not one by that. */
  const currentSender = async (auth: AuthHeaders, sender: Sender, snapshot: LinkSnapshot) => {
    const cached = await networks.atLeast(snapshot.records.switches?.value.networkVersion ?? 0);
    return cached === sender.cached ? sender : authenticate.by(cached, auth, "PUT", deps.clock.nowMs());
  };

  const electOverdue = async (
    { place }: Sender,
    records: LocationRecords,
    state: () => ReturnType<typeof seenState>,
  ): Promise<Id | null> => {
    const activeId = records.head?.value.activeHostId ?? null;
    const nowMs = deps.clock.nowMs();
    if (!wouldChange(state(), place.location, nowMs)) return activeId;
    const ref = { linkId: place.link.id, locationId: place.location.id };
    try {
      const outcome = await electNow(deps, ref, "heartbeat");
      return outcome.kind === "committed" ? outcome.decision.activeHostId : activeId;
    } catch (error) {
      deps.log.warn("election failed: the next heartbeat runs it again", { ...ref, error: String(error) });
      return activeId;
    }
  };

  const answer = (sender: Sender, snapshot: LinkSnapshot, isActive: boolean): PlainAnswer => {
    const sealed = sealedAnswer(sender, snapshot.view, isActive);
    return {
      status: 200,
      headers: {
        "Content-Type": "application/base64",
        "Cache-Control": "no-store",
        "Cipher-IV": sealed.iv,
        "Cipher-Signature": sealed.signature,
      },
      body: sealed.body,
    };
  };

  const handle = async ({ method, path, headers, body }: PlainRequest): Promise<PlainAnswer> => {
    if (path !== statePath) return refuse(404, `the one path here is ${statePath}`);
    if (method !== "PUT" && method !== "DELETE") return refuse(405, "PUT or DELETE", { Allow: "PUT, DELETE" });
    if (body === undefined) return refuse(413, "the body is larger than 65536 bytes");
    const auth = parseAuthHeaders(headers);
    const sender = auth === undefined ? undefined : await authenticate.sender(auth, method, deps.clock.nowMs());
    if (auth === undefined || sender === undefined) return refuse(401, unknownSender);
    if (method === "PUT") return heartbeat(auth, sender, body);
    const outcome = await recordLeave(deps, sender.place, auth, clocks);
    return outcome === "replayed" ? refuse(409, "this nonce was used before") : jsonAnswer(200, { outcome });
  };

  return async (request) => {
    try {
      return await handle(request);
    } catch (error) {
      deps.log.error("heartbeat failed", { error: String(error) });
      return refuse(503, "the heartbeat could not be recorded: try again");
    }
  };
}
