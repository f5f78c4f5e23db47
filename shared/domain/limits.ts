/** Every bound of the system in one place, with its unit and why it is what it is. */
export const limits = {
  /** Heartbeat request body, bytes. */
  bodyBytes: 64 * 1024,
  /** Entries in each map of a heartbeat. */
  mapEntries: 1_000,
  /** Longest header or text field of a heartbeat, characters. */
  fieldChars: 256,
  /** An agent time within this of server time is always creditable; also what a replay may buy. ms */
  creditSlackMs: 5_000,
  /** An elector whose clock is further than this from the database's decides nothing; a last-seen further ahead is no evidence. ms */
  clockSkewMs: 2_000,
  /** Evidence older than this on the monotonic clock is read again instead of committed on. ms */
  evidenceMs: 2_000,
  /** A heartbeat without news is persisted at most every min(time-out / 6, this). ms */
  persistMs: 5_000,
  /** An agent gives a request this long. ms */
  agentRequestMs: 10_000,
  /** Between two heartbeats an agent sleeps this long. ms */
  agentSleepMs: 1_000,
  /** A host check of an agent ends after this. ms */
  hostCheckMs: 3_000,
  /**
   * A hold lasts at least this: a request that hung when the outage ended (10 s), the sleep after it, host checks, and a
   * second for the next request. ms
   */
  shortestHoldMs: 15_000,
  /** Reachability samples kept: a standby needs all of them equal, an active host two. */
  reachSamples: 3,
  activeReachSamples: 2,
  /** A remote host that reached the suspect within this time has a say. ms */
  reachedWithinMs: 10 * 60_000,
  /** A remote host that was heard within this time is fresh enough to have a say. ms */
  freshMs: 10_000,
  /** What a heartbeat may be late beside its host's own interval, before it counts as missed. ms */
  intervalSlackMs: 150,
  /** A switchover that could not be decided within this time is forgotten. ms */
  switchoverMs: 60_000,
  /** Lease on the routes of a location. ms */
  leaseMs: 30_000,
  /** A strongly consistent read of epoch and lease holds for this long. ms */
  fenceMs: 1_000,
  /** One call to a cloud's route API. ms */
  routeCallMs: 5_000,
  /** Changing calls to one cloud that are under way at the same time, each kind of call apart. */
  routeCallsAtOnce: 32,
  /** Attempts of a call that only reads, and the wait before the second; it doubles. ms */
  readAttempts: 3,
  readRetryMs: 200,
  /** Pages that one listing is followed through. */
  pages: 100,
  /** EC2 lets each changing API action through in a burst of this many, then so many a second. */
  awsBurstCalls: 50,
  awsCallsPerSecond: 5,
  /** Entries of one page: the most that DescribeRouteTables takes, fewer than DescribeNetworkInterfaces does. */
  awsPageEntries: 100,
  /** Values of one filter of an EC2 call. */
  awsFilterValues: 200,
  /** Entries that one call adds to, or takes out of, a managed prefix list. */
  awsListEntries: 100,
  /** First pause before a prefix list that is being changed is looked at again, and the longest that it grows to. ms */
  awsListPollMs: 100,
  awsListPollMaxMs: 1_000,
  /** A prefix list that others change meanwhile is read anew so often, after pauses that double. ms */
  awsListReads: 6,
  awsListRereadMs: 100,
  /** Within this time a prefix list is made once, however often it is asked for. ms */
  awsListMakingMs: 3_600_000,
  /** Sessions of an assumed role: the longest that a role may take from a role, and how long before its end it is renewed. s, ms */
  awsSessionS: 3_600,
  awsSessionRenewMs: 5 * 60_000,
  /** Azure Resource Manager lets reads, writes and deletes of a subscription through in bursts, then so many a second. */
  azureBurstReads: 250,
  azureReadsPerSecond: 25,
  azureBurstChanges: 200,
  azureChangesPerSecond: 10,
  /** Changes that Microsoft.Network takes in a region of a subscription within its window. ms */
  azureNetworkChanges: 1_000,
  azureNetworkWindowMs: 5 * 60_000,
  /** Shortest and longest pause before an operation's state is read again, and the longest before it is first read. ms */
  azurePollMs: 100,
  azurePollMaxMs: 500,
  azureExpectedMaxMs: 2_000,
  /** An operation that takes longer than this is left alone, and what stands is read again later. ms */
  azureOperationMs: 60_000,
  /** First pause before a table that another operation holds is tried again, and the longest that it grows to. ms */
  azureLockedMs: 500,
  azureLockedMaxMs: 5_000,
  /** Longest that a throttled or locked call waits because Azure asks for it. ms */
  azureRetryAfterMaxMs: 60_000,
  /** Characters of a route's name. */
  azureRouteNameChars: 80,
  /** A token is renewed this long before its end. ms */
  azureTokenRenewMs: 5 * 60_000,
  /**
   * OCI publishes no rates of its networking API: changing calls keep to a burst of this many, then so many a second.
   */
  ociBurstCalls: 20,
  ociCallsPerSecond: 10,
  /** More tables of OCI than this are looked for in a listing, and not by their ids. */
  ociTablesByName: 4,
  /** Entries of one page of a listing of OCI. */
  ociPageEntries: 100,
  /** Rules that one route table of OCI takes unless Oracle raised it: the most changes of a table that one call carries. */
  ociRulesPerTable: 200,
  /** A table or address of OCI that others change meanwhile is read anew so often, after pauses that double. ms */
  ociReads: 6,
  ociRereadMs: 100,
  /** Google lets a project's global writes through 375 a minute, as a burst or one after the other. */
  gcpBurstCalls: 375,
  gcpCallsPerSecond: 6.25,
  /** Routes of Google Cloud that are changed at the same time: each waits for operations that take seconds. */
  gcpChangesAtOnce: 256,
  /** Entries of one page: the most that Compute Engine gives. */
  gcpPageEntries: 500,
  /** Pause before an operation is asked after again that was answered for before it was done. ms */
  gcpPollMs: 500,
  /** Hetzner Cloud lets a project make this many requests an hour, which come back one by one. */
  hetznerCallsPerHour: 3_600,
  /** The most servers of one page. */
  hetznerPageEntries: 50,
  /** Requests that must be left before a swap of one route, and before a single change, is begun. */
  hetznerSwapCalls: 16,
  hetznerChangeCalls: 6,
  /** First pause between two looks at an action, and the longest; and the first one while a network is busy with another. ms */
  hetznerPollMs: 25,
  hetznerPollMaxMs: 1_000,
  hetznerBusyMs: 200,
  /** A network that was read longer ago is read again before the next of its routes is changed. ms */
  hetznerLookMs: 5_000,
  /** A swap that is half done when its run ends, or is superseded, is finished or undone for at most this long. ms */
  hetznerFinishMs: 4_000,
  /** A run of the routes function starts no call after this. ms */
  swapRunMs: 24_000,
  /** Runs of one swap that wake each other before the rest is left to the reconcile; a platform stops chains of about 16. */
  swapRounds: 8,
  /** First pause between two reads while routes are verified, and the longest that it grows to. ms */
  readBackMs: 200,
  readBackMaxMs: 2_000,
  /** A run that waits looks this often whether a newer decision was made, and gives way to it. ms */
  giveWayMs: 250,
  /** A difference on a confirmed epoch, and what is to be removed, is believed when it is read twice this far apart. ms */
  believeMs: 1_000,
  /** Routes that were read longer ago are read again before the ledger is written by them. ms */
  routeEvidenceMs: 10_000,
  /** A write that reads do not show for this long was not done, or undone by a call that landed late. ms */
  routeSettleMs: 10_000,
  /** Tries of one route in one run, and the first pause between them, which doubles. Throttled tries do not count. */
  routeTries: 4,
  routeRetryMs: 500,
  routeRetryMaxMs: 4_000,
  /** Back-off after a run that ended with errors: doubles up to the longest, then the reconcile does it. ms */
  swapBackOffMs: 5_000,
  swapBackOffMaxMs: 60_000,
  /** Ledger writes and events of one location that are under way at once. */
  parallelLedger: 16,
  /** Interfaces of a location that are remembered, the latest ones. */
  ownTargets: 1_000,
  /** Errors that a swap report names; destinations that one event names. */
  reportErrors: 20,
  eventDestinations: 8,
  /** What goes on is told again after this. ms */
  retellMs: 10 * 60_000,
  /** Scheduled sweep. ms */
  sweepMs: 60_000,
  /** Delayed ticks between two scheduled sweeps. */
  ticks: 11,
  tickMs: 5_000,
  /** A tick later than this is dropped. ms */
  tickLateMs: 5_000,
  /** A route call lands at most this long after the decision that it was made for has been replaced: no container lives longer once it stands still. ms */
  lateCallMs: 15 * 60_000,
  /** Locations with such a decision are reconciled a second time this long after the scheduled sweep. ms */
  secondReconcileMs: 30_000,
  /** A decision that is not confirmed after this raises an alarm. ms */
  unconfirmedMs: 120_000,
  /** Decisions in a row that were replaced before their swaps could tell of them, and that the next swap tells of. */
  untoldDecisions: 20,
  /** Between these ages an unconfirmed decision is woken again by every tick. ms */
  rewakeFromMs: 1_000,
  rewakeUntilMs: 30_000,
  /**
   * Moments of single locations that lie this far ahead get their own tick: until the next sweep, and a second in case
   * that is late. ms; and how many of one location and of one sweep, the rest being left to the next sweep.
   */
  momentAheadMs: 6_000,
  momentsPerLocation: 3,
  momentsPerSweep: 500,
  /** A moment is sent this much ahead of its time, for the queue and a cold start; what comes early waits, this long at most. ms */
  tickHeadStartMs: 500,
  tickEarlyMs: 1_500,
  /** Locations that one run works on at the same time. */
  parallelLocations: 16,
  /** Attempts to win an optimistic write before giving the caller a conflict. */
  writeAttempts: 5,
  /** Snapshot of a link in a heartbeat container. ms */
  snapshotMs: 1_000,
  /** A heartbeat container reads the configuration again after this, if nothing made it do so before. ms */
  networkMs: 60_000,
  /** A clock that is off is told once per host, and a function's once, in this time. ms */
  skewTellMs: 10 * 60_000,
  /** Events are kept for this long. ms */
  eventKeepMs: 90 * 24 * 3_600_000,
  /** Body of an admin request, bytes: a network file of some thousand hosts. */
  adminBodyBytes: 1024 * 1024,
  /** Mistakes of one request that its answer names: the platform takes answers of a few megabytes. */
  adminMistakes: 100,
  /** Refused tokens within the window before further ones are answered 429, per container. */
  adminFailures: 10,
  adminFailureWindowMs: 60_000,
  /** Events in one answer of the admin API. */
  adminEvents: 500,
  /** Orphans and foreign routes in one answer of the admin API, and orphans that one call forgets. */
  adminStrays: 500,
  /** Versions of the configuration that are looked through for the names of what is gone. */
  adminVersions: 20,
  /** Decisions that `explain` shows. */
  adminDecisions: 20,
  /** The previous secret of a rotated host is taken for this long, unless the operator says otherwise. ms */
  rotationGraceMs: 24 * 3_600_000,
  /** Longest grace that an operator can ask for. ms */
  rotationGraceMaxMs: 30 * 24 * 3_600_000,
} as const;

/** What a network file may hold, apart from what every heartbeat loads: plain numbers, since a bundler keeps a product. */
export const networkFileLimits = {
  /** Length of the text in UTF-8. */
  bytes: 1_048_576,
  /** Lexical parts of the text, blanks and line ends included; the parser's time grows with these. */
  tokens: 300_000,
  /** Characters of one scalar. */
  scalarChars: 4_096,
  /** Flow collections in one another, and indicators (`-`, `?`, `:`, anchors, tags) in a row on one line. */
  nesting: 16,
  /** Columns that a line may be indented by, which bounds block collections in one another. */
  indent: 80,
  /** Values after every alias is written out. */
  values: 100_000,
  /** Mistakes that are reported at once. */
  mistakes: 100,
  links: 100,
  /** In all links together. */
  locations: 1_000,
  /** Heartbeating and static hosts of all links together. */
  hosts: 2_000,
  /** Networks of all locations together. */
  networks: 5_000,
  /**
   * A heartbeat names every host and location of its link: with ids of up to 16 characters, 800 hosts (56 bytes
   * each) and 500 locations (34 bytes each) still fit into `bodyBytes`.
   */
  locationsPerLink: 500,
  hostsPerLink: 800,
  hostsPerLocation: 32,
  /** A quarter of what an AWS route table can be raised to. */
  networksPerLocation: 250,
  /** Entries that AWS lets one managed prefix list have. */
  prefixListEntries: 1_000,
  /** Route tables of a VPC by AWS's default quota. */
  routeTables: 200,
  priority: 1_000,
  /** Shortest time-out with host checks, since one silent peer stretches an agent's interval to 4 s. ms */
  timeoutWithChecksMs: 10_000,
  timeoutMs: 5_000,
  longestTimeoutMs: 600_000,
  longestBackoffMs: 86_400_000,
  longestHoldUpMs: 3_600_000,
  tunnelTimeoutMs: 5_000,
  longestTunnelTimeoutMs: 600_000,
  /** Algorithms in one IKE or ESP proposal. */
  proposalWords: 16,
} as const;

/** Bounds of the care of the table, apart from those that every heartbeat loads. */
export const tableLimits = {
  /** DynamoDB has this long to describe the table; a sweep waits for it. ms */
  describeMs: 2_000,
  /** Items that one run looks at in search of expired ones: a table of 100,000 is through in half a day. */
  cleanItems: 150,
} as const;

/** Bounds of examinations, apart from those that every heartbeat loads. */
export const doctorLimits = {
  /** How long the routes function has to report on a location, and how long a report is kept. ms */
  answerMs: 60_000,
  keepMs: 3_600_000,
  /** A run that examines a location starts no call after this. ms */
  runMs: 10_000,
  /** Examinations that run at the same time at most: the others of the routes function's runs are for swaps. */
  lanes: 2,
  /** Locations of one examination. */
  locations: 50,
  /** Findings of one report, and characters of one of its texts. */
  findings: 250,
  textChars: 600,
  /** Route tables whose permissions are tried by dry runs: these count against the same rates as swaps do. */
  dryRunTables: 10,
  /** A quota that is used up to this part is near its end. */
  quotaNear: 0.9,
  /** Routes of one table and family that AWS takes by default, and that it can be raised to. */
  awsRoutes: 500,
  awsRoutesMost: 1_000,
  /** Routes of one Azure route table, of one OCI route table, and of one Hetzner network. */
  azureRoutes: 400,
  ociRules: 200,
  hetznerRoutes: 100,
} as const;
