import type { Chance } from "../engine/chance.ts";
import { hostsMost, type LocationShape, type Shape } from "../world/shape.ts";

/** A configuration that an operator may want to try: one thing of it is changed. */
export function changedShape(chance: Chance, shape: Shape): Shape {
  const at = chance.whole(0, shape.locations.length - 1);
  const change = chance.pick([
    withHost,
    withoutHost,
    withPriorities,
    withTimeout,
    withoutTable,
    withoutLocation,
  ] as const);
  if (change === withoutLocation) {
    // A mesh of fewer than three sites has nothing to fail over between.
    if (shape.locations.length <= 3) return shape;
    return { ...shape, locations: shape.locations.filter((_, n) => n !== at) };
  }
  const locations = shape.locations.map((location, n) => (n === at ? change(location, chance) : location));
  return { ...shape, locations };
}

function withHost(location: LocationShape): LocationShape {
  const [model] = location.hosts;
  const count = location.hosts.length;
  if (model === undefined || count >= hostsMost) return location;
  return { ...location, hosts: [...location.hosts, { ...model, name: `h${count}` }] };
}

function withoutHost(location: LocationShape, chance: Chance): LocationShape {
  const gone = chance.whole(0, location.hosts.length - 1);
  return { ...location, hosts: location.hosts.filter((_, n) => n !== gone) };
}

function withPriorities(location: LocationShape, chance: Chance): LocationShape {
  return { ...location, hosts: location.hosts.map((host) => ({ ...host, priority: chance.whole(1, 4) * 10 })) };
}

function withTimeout(location: LocationShape, chance: Chance): LocationShape {
  const timeoutS = chance.pick([10, 15, 30, 60]);
  return { ...location, hosts: location.hosts.map((host) => ({ ...host, timeoutS })) };
}

function withoutTable(location: LocationShape): LocationShape {
  return { ...location, tables: location.tables.slice(0, 1) };
}

function withoutLocation(location: LocationShape): LocationShape {
  return location;
}
