import { cloudEvent, http } from "@google-cloud/functions-framework";
import { googleParts, googleTableCare } from "../../shared/compose/google.ts";
import { googleSchedule, googleTask } from "../../shared/platform/google-events.ts";
import { TickMessage } from "../../shared/platform/queue-messages.ts";
import { createFailover } from "./failover.ts";

const failover = createFailover({ ...googleParts, tableCare: googleTableCare });

/** The schedule, over Pub/Sub. Not public: the trigger's service account alone may invoke it, which Google checks. */
cloudEvent("failover", googleSchedule(failover.scheduled, googleParts));

/** Not public: the service account of the tasks alone may invoke it, by its OIDC token, which Google checks. */
http("ticks", googleTask(TickMessage, failover.tick, googleParts.log));
