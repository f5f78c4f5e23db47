import { openGoogle } from "./google.ts";
import { conformance } from "./suite.ts";

conformance("Google Cloud", openGoogle());
