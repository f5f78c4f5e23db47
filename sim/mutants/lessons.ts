/** What went wrong in other systems that move routes, and is to be noticed if it goes wrong here. */
export const lessons: readonly {
  readonly number: number;
  readonly what: string;
  /** Why no world of the simulator can show it, where that is so. */
  readonly elsewhere?: string;
}[] = [
  { number: 1, what: "heartbeats are fine, and forwarding is dead" },
  { number: 2, what: "a late event overwrites a newer good route" },
  { number: 3, what: "overlapping runs race" },
  { number: 4, what: "after a short split brain the loser's write to the cloud persists" },
  { number: 5, what: "all are down, one returns, and it is never promoted" },
  { number: 6, what: "a host that is disabled or deleted is elected" },
  { number: 7, what: "a stale good-bye overtakes a fresh heartbeat" },
  { number: 8, what: "two equal hosts take over from each other for ever" },
  { number: 9, what: "an instance is stopping, and its routes are not moved" },
  { number: 10, what: "a host that is booting takes routes before it was seen to be healthy" },
  { number: 11, what: "the address is the same and the interface is new: the route looks right, packets vanish" },
  { number: 12, what: "a second failover becomes due while one is under way" },
  { number: 13, what: "the cloud's API takes minutes, or throttles" },
  { number: 14, what: "a wrong route, or somebody else's, is touched" },
  { number: 15, what: "a time-out that is too tight fails over under load" },
  { number: 16, what: "a demoted host's clean-up deletes the route of the new one" },
  {
    number: 17,
    what: "an IPv6 destination is written into the field for IPv4",
    elsewhere:
      "worlds have no IPv6 networks, since a field of a cloud's call is no matter of time, order or faults: test/providers holds every call's fields",
  },
  {
    number: 18,
    what: "only the first page of a listing is read",
    elsewhere:
      "a location of a world has two tables at most, and EC2 has no page of fewer than five: test/providers/contract reads several",
  },
];
