import {
  type AuthenticationDetailsProvider,
  ResourcePrincipalAuthenticationDetailsProvider,
  SimpleAuthenticationDetailsProvider,
} from "oci-common";
import { DefaultRequestSigner } from "oci-common/lib/signer.js";
import * as z from "zod/mini";
import { RouteError } from "../../domain/errors.ts";
import type { CloudSecrets } from "../../ports/cloud-secrets.ts";

/** Signs the requests of one identity. `forget`: OCI refused it, so what it is made from is read anew the next time. */
export type OciIdentity = {
  signer(): Promise<DefaultRequestSigner>;
  forget(): void;
};

/** What the secret of an API key holds, as JSON: the OCIDs, the key's fingerprint, and the private key as PEM. */
const ApiKey = z.strictObject({
  tenancy: z.string().check(z.regex(/^ocid1\.tenancy\./)),
  user: z.string().check(z.regex(/^ocid1\.user\./)),
  fingerprint: z.string().check(z.regex(/^(?:[0-9a-f]{2}:){15}[0-9a-f]{2}$/)),
  privateKey: z.string().check(z.regex(/-----BEGIN [A-Z ]*PRIVATE KEY-----/)),
  passphrase: z.optional(z.string()),
});
type ApiKey = z.infer<typeof ApiKey>;

/** The user whose API key a secret holds. A secret that has changed is taken as it is read. */
export function apiKeyIdentity(secrets: CloudSecrets, reference: string): OciIdentity {
  let held: { readonly text: string; readonly signer: DefaultRequestSigner } | null = null;
  return {
    async signer() {
      const text = await secrets.read(reference);
      if (held?.text !== text) held = { text, signer: signerOf(parseKey(text, reference), reference) };
      return held.signer;
    },
    forget: () => secrets.forget(reference),
  };
}

/** The principal that OCI gives to what runs inside it, such as a function. */
export function resourcePrincipal(): OciIdentity {
  let held: DefaultRequestSigner | null = null;
  return {
    async signer() {
      held ??= new DefaultRequestSigner(ownPrincipal());
      return held;
    },
    forget() {
      held = null;
    },
  };
}

function ownPrincipal(): AuthenticationDetailsProvider {
  try {
    return ResourcePrincipalAuthenticationDetailsProvider.builder();
  } catch (cause) {
    throw new RouteError("DENIED", "oci: there is no resource principal where this runs", {
      cause,
      retry: "later",
      next: "name a secret with an API key as the location's identity.secret, or run the routes function in OCI",
    });
  }
}

function parseKey(text: string, reference: string): ApiKey {
  const parsed = ApiKey.safeParse(asJson(text));
  if (parsed.success) return parsed.data;
  throw badSecret(reference, parsed.error.issues[0]?.path.join(".") || "no JSON object");
}

/** The parser's own message would quote the secret. */
function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function signerOf({ tenancy, user, fingerprint, privateKey, passphrase }: ApiKey, reference: string) {
  try {
    return new DefaultRequestSigner(
      new SimpleAuthenticationDetailsProvider(tenancy, user, fingerprint, privateKey, passphrase ?? null),
    );
  } catch {
    throw badSecret(reference, "privateKey or passphrase");
  }
}

function badSecret(reference: string, field: string): RouteError {
  return new RouteError("DENIED", `oci: the secret ${reference} is not an API key: ${field}`, {
    retry: "later",
    next: "put JSON with tenancy, user, fingerprint and privateKey (docs/clouds/oci.md) into the secret",
  });
}
