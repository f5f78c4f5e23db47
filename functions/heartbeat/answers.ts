import type { Id } from "../../shared/domain/ids.ts";
import type { HostPlace } from "../../shared/domain/network.ts";
import { buildAnswer, type LinkView } from "../../shared/protocol/answer.ts";

type Kept = { readonly place: HostPlace; readonly view: LinkView; readonly isActive: boolean; readonly text: string };

/** Builds answers and keeps them per host for as long as what they rest on is the same. */
export function answerCache(): (place: HostPlace, view: LinkView, isActive: boolean, key: Uint8Array) => string {
  const kept = new Map<Id, Kept>();
  return (place, view, isActive, key) => {
    const known = kept.get(place.host.id);
    if (known !== undefined && known.place === place && known.view === view && known.isActive === isActive) {
      return known.text;
    }
    const text = buildAnswer(place, view, isActive, key);
    kept.set(place.host.id, { place, view, isActive, text });
    return text;
  };
}
