/**
 * All functions on Google Cloud, registered with the framework by their names: `heartbeat`, `admin`, `failover`, `ticks` and
 * `routes`. Each is deployed from the same package with its name as entry point.
 */
import "./admin/google.ts";
import "./failover/google.ts";
import "./heartbeat/google.ts";
import "./routes/google.ts";
