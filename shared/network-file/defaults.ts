/** What a network file means where it says nothing. Durations as they would stand in the file. */
export const defaults = {
  link: {
    protocol: "ipsec",
    /** Only with protocol `wg`; the port that WireGuard's own documentation uses. */
    wgPort: 51820,
    ipv6: false,
    action: "restart",
    hostCheck: true,
    online: true,
    tunnelTimeout: "45s",
    forceCiphers: false,
  },
  location: {
    failback: "auto",
    holdUp: "30s",
    removeRoutes: false,
  },
  host: {
    static: false,
    priority: 10,
    timeout: "30s",
    /** Twice the default time-out: a host that was failed over from proves itself before it is chosen again. */
    backoff: "60s",
    /** Only in a location with a cloud. */
    target: "auto",
  },
  /** Better than the 1000 that Google gives a route that says nothing. */
  gcp: { priority: 900 },
} as const;
