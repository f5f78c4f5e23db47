import * as z from "zod/mini";
import { SecretReference } from "./route-tables.ts";

/** Executors that one location may name: the second is asked when the first does not answer. */
export const executorsMost = 4;

/** What an executor may be called: it stands in a header. */
export const executorId = /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/;

/**
 * Why a text is no address that an executor may be asked at; undefined when it is one. HTTPS alone, without credentials,
 * query or fragment, and no address of the machine itself or of its link, where clouds keep their metadata.
 */
export function executorUrlFault(text: string): string | undefined {
  const url = text.length <= 300 && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || /\s/.test(text)) return "not an address";
  if (url.protocol !== "https:") return "not an https address";
  if (url.username !== "" || url.password !== "") return "an address with credentials";
  if (text.includes("?") || text.includes("#")) return "an address with a query or a fragment";
  return isLocal(url.hostname) ? "an address of the machine itself or of its link" : undefined;
}

/** The parser has written every spelling of an IPv4 address as four numbers by now. */
function isLocal(hostname: string): boolean {
  const name = hostname.replace(/\.$/, "").toLowerCase();
  return (
    /^(?:0|127|169\.254)\./.test(name) ||
    /^\[(?:::1?\]|::ffff:|fe[89ab])/.test(name) ||
    /^(?:.+\.)?localhost$/.test(name) ||
    name === "metadata.google.internal"
  );
}

/** Executors that swap a location's routes inside its cloud, in the order in which they are asked. */
export const Executors = z
  .array(
    z.strictObject({
      url: z.string().check(z.refine((text) => executorUrlFault(text) === undefined, "not the address of an executor")),
      id: z.string().check(z.regex(executorId, "not the id of an executor")),
      /** A secret that holds the key that requests and answers are signed with. */
      key: SecretReference,
    }),
  )
  .check(z.minLength(1), z.maxLength(executorsMost));
export type ExecutorRef = z.infer<typeof Executors>[number];
