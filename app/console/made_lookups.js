// The lookups made for a case before it is saved, which are tied to it when it is.

import { LOOKUP_KINDS } from "./case_words.js";
import { h, put } from "./dom.js";

const REFUSALS = new Set(["lookup-not-found", "lookup-already-tied", "purpose-mismatch"]);

/** `procedure()` gives the code of the one that is chosen: a lookup was made for one and cannot serve another. */
export function madeLookups(procedure) {
  const all = [];
  const element = h("ul", { class: "standing", role: "list", "aria-live": "polite" });
  const own = () => all.filter((one) => one.procedure === procedure());
  const show = () => {
    const kinds = own().map((one) => LOOKUP_KINDS[one.kind]);
    const words = `${kinds.length} lượt tra cứu sẽ được gắn với hồ sơ: ${kinds.join(", ")}.`;
    put(element, kinds.length > 0 && h("li", {}, words));
  };
  return {
    element,
    show,
    isEmpty: () => all.length === 0,
    ids: () => own().map((one) => one.id),
    add: (one) => {
      all.push(one);
      show();
    },
    /**
     * Take out what would be refused each time; gives how many those were. Where the refusal does not say which of
     * the lookups `sent` it means, as that one is tied already, it is all of them.
     */
    dropRefused: (error, sent) => {
      if (!REFUSALS.has(error.code)) return 0;
      const places = (error.faults ?? []).map((fault) => /^\/lookup_ids\/(\d+)$/.exec(fault.pointer)?.[1]);
      const named = places.filter(Boolean).map((place) => sent[Number(place)]);
      const refused = new Set(named.length ? named : sent);
      all.splice(0, all.length, ...all.filter((one) => !refused.has(one.id)));
      show();
      return refused.size;
    },
  };
}
