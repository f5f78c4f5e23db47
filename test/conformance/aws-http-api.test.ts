import { openAws } from "./aws.ts";
import { conformance } from "./suite.ts";

conformance("AWS, by an HTTP API with bodies in base64", openAws({ kind: "HTTP API", isBase64: true }));
