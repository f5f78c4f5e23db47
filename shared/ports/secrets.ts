/** The platform's secret store. Implementations cache, and never log. */
export interface Secrets {
  /** 32 bytes that every host secret and pre-shared key is derived from. */
  masterKey(): Promise<Uint8Array>;
  /** SHA-256 of the admin token, lower-case hex. */
  adminTokenHash(): Promise<string>;
}
