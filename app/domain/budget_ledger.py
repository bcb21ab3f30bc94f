"""The budgets of some officers, agencies and clients while lookups are taken from them. Rules only."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from app.domain.lookup_budget import (
    Charge,
    Holder,
    Limits,
    Measure,
    Miss,
    Refusal,
    Standing,
    Steps,
    TollOutcome,
    Use,
    pruned,
    seconds_to_next_day,
    seconds_until_left,
    step_of,
)
from app.domain.working_time import vietnam_day


class Ledger:
    """The budgets of some holders while lookups are charged to them, one after the other.

    `known` are the people whom a holder has asked about on the day of a charge; `added` gathers those that
    charges bring.
    """

    def __init__(
        self, limits: Limits, uses: Mapping[Holder, Use], known: Iterable[tuple[Holder, date, bytes]]
    ) -> None:
        self._limits = limits
        self.uses = dict(uses)
        self._known = set(known)
        self.added: list[tuple[Holder, date, bytes]] = []

    def take(self, toll: Charge | Miss) -> TollOutcome:
        """Take a lookup or a miss from all budgets of its holders, or say which of them does not allow it.

        A refused lookup takes nothing; a miss has happened and is never refused.
        """
        if isinstance(toll, Charge):
            return self._charged(toll)
        for holder in toll.holders:
            _add(self.uses.setdefault(holder, Use()).misses, step_of(Measure.MISSES, toll.at))
        return self.standing(toll.holders, toll.at)

    def _charged(self, charge: Charge) -> TollOutcome:
        refusals = [
            Refusal(measure, holder.kind, self._wait(measure, holder, charge, needed))
            for holder in charge.holders
            for measure, needed in self._needed(holder, charge)
            if self._used(measure, holder, charge.at) + needed > self._limits.of(measure, holder.kind)
        ]
        if refusals:
            return max(refusals, key=lambda refusal: refusal.retry_after_seconds)
        for holder in charge.holders:
            self._take(holder, charge)
        return self.standing(charge.holders, charge.at)

    def standing(self, holders: Sequence[Holder], at: datetime) -> tuple[Standing, ...]:
        """Tell of each measure the budget of which least is left."""
        return tuple(
            min((self.standing_of(measure, holder, at) for holder in holders), key=lambda each: each.left)
            for measure in Measure
            if holders
        )

    def standing_of(self, measure: Measure, holder: Holder, at: datetime) -> Standing:
        """Tell how one budget stands."""
        limit = self._limits.of(measure, holder.kind)
        left = max(0, limit - self._used(measure, holder, at))
        return Standing(measure, holder.kind, limit, left, self._frees_in(measure, holder, at))

    def _needed(self, holder: Holder, charge: Charge) -> tuple[tuple[Measure, int], ...]:
        """Tell how much of each budget a lookup needs: room for one miss too, which it may become."""
        return (
            (Measure.LOOKUPS, 1),
            (Measure.PEOPLE, len(self._new_people(holder, charge))),
            (Measure.MISSES, 1),
        )

    def _new_people(self, holder: Holder, charge: Charge) -> list[bytes]:
        day = vietnam_day(charge.at)
        return [ref for ref in charge.people if (holder, day, ref) not in self._known]

    def _take(self, holder: Holder, charge: Charge) -> None:
        use = self.uses.setdefault(holder, Use())
        _add(use.lookups, step_of(Measure.LOOKUPS, charge.at))
        day = vietnam_day(charge.at)
        new = [(holder, day, ref) for ref in self._new_people(holder, charge)]
        if not _counts_on(use, day):
            use.people_on, use.people = day, 0
        use.people += len(new)
        self._known.update(new)
        self.added += new

    def _used(self, measure: Measure, holder: Holder, at: datetime) -> int:
        use = self.uses.get(holder) or Use()
        if measure is Measure.PEOPLE:
            return use.people if _counts_on(use, vietnam_day(at)) else 0
        return sum(pruned(measure, getattr(use, measure.value), at).values())

    def _frees_in(self, measure: Measure, holder: Holder, at: datetime, *, enough: int = 1) -> int:
        """Tell in how many seconds at least `enough` more is free, of what is used now."""
        if measure is Measure.PEOPLE:
            return seconds_to_next_day(at)
        counts = pruned(measure, getattr(self.uses.get(holder) or Use(), measure.value), at)
        freed = 0
        for step in sorted(counts):
            freed += counts[step]
            if freed >= enough:
                return seconds_until_left(measure, step, at)
        return 0

    def _wait(self, measure: Measure, holder: Holder, charge: Charge, needed: int) -> int:
        over = self._used(measure, holder, charge.at) + needed - self._limits.of(measure, holder.kind)
        return max(1, self._frees_in(measure, holder, charge.at, enough=over))


def _counts_on(use: Use, day: date) -> bool:
    """Tell whether the people that are counted count on this day.

    So do those of the day after: of two workers, one whose clock is behind must not begin the other's count
    anew at midnight. Those of days further ahead do not, so that a wrong clock bars nobody for long.
    """
    return use.people_on is not None and timedelta(0) <= use.people_on - day <= timedelta(days=1)


def _add(counts: Steps, step: int) -> None:
    counts[step] = counts.get(step, 0) + 1
