import type { Examination } from "../../shared/domain/examination.ts";
import { failed } from "../../shared/domain/finding.ts";
import { doctorLimits } from "../../shared/domain/limits.ts";
import type { Network } from "../../shared/domain/network.ts";
import type { AdminDeps } from "./deps.ts";
import { type DoctorAnswer, DoctorRequest, type LocatedFinding } from "./doctor-schemas.ts";
import { type Answer, readBody } from "./http.ts";
import { idMaker } from "./new-id.ts";
import { findLink, findLocation, type LocationPlace, locationName } from "./places.ts";
import { recordFindings } from "./record-findings.ts";
import { Refusal } from "./refusal.ts";
import type { Call } from "./router.ts";

/**
 * POST doctor: has the routes function examine locations in their clouds, and answers what the records say of them
 * meanwhile. Changes nothing but the record of the examination, which is kept for an hour.
 */
export async function beginDoctor({ deps, request, by }: Call): Promise<Answer> {
  const { location } = await readBody(request, DoctorRequest);
  const { examinations, queue } = doctorOf(deps);
  const { network } = (await deps.store.readNetwork()).value;
  const places = placesOf(network, location);
  const examined = places.filter((place) => place.location.cloud !== undefined);
  const atMs = deps.clock.nowMs();
  const examination: Examination = {
    id: idMaker(deps.random)(),
    atMs,
    untilMs: atMs + doctorLimits.answerMs,
    by,
    locations: examined.map((place) => ({
      linkId: place.link.id,
      locationId: place.location.id,
      link: place.link.name,
      location: place.location.name,
    })),
  };
  await examinations.begin(examination);
  const [findings] = await Promise.all([recordFindings(deps, network, places), send(deps, queue, examination)]);
  const body: DoctorAnswer = {
    id: examination.id,
    nowMs: deps.clock.nowMs(),
    untilMs: examination.untilMs,
    findings: [...findings],
    waitingFor: examined.map(locationName),
  };
  return { body };
}

/** GET doctor/{id}: the reports that are in, and which are still to come. */
export async function readDoctor({ deps, param }: Call): Promise<Answer> {
  const found = await doctorOf(deps).examinations.read(param("id"));
  if (found === undefined) {
    throw new Refusal(
      404,
      "unknown-examination",
      "there is no examination of this id, or it is more than an hour old",
      {
        next: "`pointsman doctor` begins a new one",
      },
    );
  }
  const { examination, reports } = found;
  const nowMs = deps.clock.nowMs();
  const isOver = nowMs >= examination.untilMs;
  const missing = examination.locations.filter(
    ({ locationId }) => !reports.some((report) => report.locationId === locationId),
  );
  const findings = examination.locations.flatMap(({ locationId, link, location }): readonly LocatedFinding[] => {
    const report = reports.find((one) => one.locationId === locationId);
    const place = `${link}/${location}`;
    return (report?.findings ?? []).map((finding) => ({ location: place, ...finding }));
  });
  const body: DoctorAnswer = {
    id: examination.id,
    nowMs,
    untilMs: examination.untilMs,
    findings: [...findings, ...(isOver ? missing.map(silent) : [])],
    waitingFor: isOver ? [] : missing.map(({ link, location }) => `${link}/${location}`),
  };
  return { body };
}

function silent({ link, location }: Examination["locations"][number]): LocatedFinding {
  const place = `${link}/${location}`;
  const text = `the routes function did not answer: no report within ${doctorLimits.answerMs / 1000} s`;
  const next =
    "look into the log of the routes function and its dead-letter queue; a release before this command's answers nothing";
  return { location: place, ...failed("answer", place, text, next) };
}

/** Throws `Refusal` 503 when the queue cannot be reached. */
async function send(
  deps: AdminDeps,
  queue: NonNullable<AdminDeps["doctor"]>["queue"],
  { id, untilMs, locations }: Examination,
): Promise<void> {
  if (locations.length === 0) return;
  const requests = locations.map(({ linkId, locationId }) => ({
    kind: "examine" as const,
    linkId,
    locationId,
    examinationId: id,
    untilMs,
  }));
  try {
    await (await queue()).examine(requests);
  } catch (error) {
    deps.log.error("examinations could not be sent to the routes function", { error: String(error) });
    throw new Refusal(503, "queue-unavailable", "the routes function cannot be asked: its queue cannot be reached", {
      next: "try again; if it goes on, look at the queue and at the admin function's log",
      cause: error,
    });
  }
}

function placesOf(network: Network, asked: string | undefined): readonly LocationPlace[] {
  const places = asked === undefined ? network.links.flatMap(placesIn) : placesNamed(network, asked);
  if (places.length <= doctorLimits.locations) return places;
  throw new Refusal(
    409,
    "too-many-locations",
    `${places.length} locations are more than the ${doctorLimits.locations} that are examined at once`,
    { next: "name a link or one location, such as `pointsman doctor LINK/LOCATION`" },
  );
}

const placesIn = (link: Network["links"][number]): readonly LocationPlace[] =>
  link.locations.map((location) => ({ link, location }));

function placesNamed(network: Network, asked: string): readonly LocationPlace[] {
  const [link = "", ...rest] = asked.split("/");
  return rest.length === 0 ? placesIn(findLink(network, link)) : [findLocation(network, link, rest.join("/"))];
}

function doctorOf(deps: AdminDeps): NonNullable<AdminDeps["doctor"]> {
  if (deps.doctor !== undefined) return deps.doctor;
  throw new Refusal(503, "no-doctor", "no routes function takes examinations here", {
    next: "deploy this release of the admin and of the routes function",
  });
}
