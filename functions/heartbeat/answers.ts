import type { Id } from "../../shared/domain/ids.ts";
import type { HostPlace } from "../../shared/domain/network.ts";
import type { Random } from "../../shared/ports/clock.ts";
import { buildAnswer, type LinkView } from "../../shared/protocol/answer.ts";
import { type Sealed, seal } from "../../shared/protocol/seal.ts";
import type { Sender } from "./authenticate.ts";

type Kept = {
  readonly place: HostPlace;
  readonly view: LinkView;
  readonly isActive: boolean;
  readonly text: string;
  readonly secret: string;
  readonly sealed: Sealed;
};

/**
 * Builds and seals answers, and keeps them per host for as long as what they rest on is the same. A text is sealed
 * once: the same text under the same secret may have the same initialisation vector, another text never has.
 */
export function answerCache(random: Random): (sender: Sender, view: LinkView, isActive: boolean) => Sealed {
  const kept = new Map<Id, Kept>();
  return ({ place, secret, masterKey }, view, isActive) => {
    const known = kept.get(place.host.id);
    const isSame = known !== undefined && known.place === place && known.view === view && known.isActive === isActive;
    if (isSame && known.secret === secret) return known.sealed;
    const text = isSame ? known.text : buildAnswer(place, view, isActive, masterKey);
    const isSealed = known !== undefined && known.text === text && known.secret === secret;
    const sealed = isSealed ? known.sealed : seal(text, secret, random.bytes(16));
    kept.set(place.host.id, { place, view, isActive, text, secret, sealed });
    return sealed;
  };
}
