/** All functions of one function app: each file registers its own. */
import "./admin/azure.ts";
import "./failover/azure.ts";
import "./heartbeat/azure.ts";
import "./routes/azure.ts";
