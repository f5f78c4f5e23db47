import { openAws } from "./aws.ts";
import { conformance } from "./suite.ts";

conformance("AWS, by function URLs", openAws({ kind: "function URL", isBase64: false }));
