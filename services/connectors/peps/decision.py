"""What was decided about one PEP, and by whom: its status history as `decision.*` facts (pure)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from schemas import decision
from schemas.types import Attested
from services.connectors.peps.authority import CORE_DEVELOPERS, VOTED, authority
from services.connectors.peps.facts import Account, Fact, short
from services.connectors.peps.headers import Resolution
from services.connectors.peps.history import Version
from services.connectors.peps.reading import ANOTHER, OPEN, Reading, Step

Outcome = Literal["accepted", "rejected", "provisional"]

_DAY = timedelta(days=1)  # a date written west of Greenwich may lie a day ahead of the commit
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Act:
    """One `made` or `overridden`, and what the header has said about it so far."""

    outcome: Outcome
    overrides: bool
    version: Version
    title: str
    shown: datetime  # when the status said so
    floor: datetime  # the word before this one: a date before it belongs to that one
    spent: frozenset[str]  # the resolutions of earlier acts
    delegates: tuple[str, ...]
    by_force: bool  # said by being Active, which only a process can be
    resolution: Resolution | None = None
    fact: Fact | None = None

    @property
    def time(self) -> datetime:
        """The date the resolution gives; else when the status changed."""
        date = self.resolution.date if self.resolution else None
        return date if date is not None and self.floor <= date <= self.shown + _DAY else self.shown

    def lent_to(self) -> tuple[str, ...]:
        """The delegates, unless they are the authority itself (the BDFL named as his own delegate)."""
        return tuple(holder for holder in self.delegates if holder != authority(self.time))

    def said(self, version: Version) -> None:
        """A version says the same: on another branch, it may have been said there before."""
        if version.commit.time < self.shown and not version.follows(self.version):
            self.shown = max(version.commit.time, self.floor)

    def date(self, new: Resolution | None) -> None:
        """A date written beside the link of an act, if by now there is another one, is still its own."""
        if new and self.resolution and new.date and _place(new) == _place(self.resolution):
            self.resolution = self.resolution._replace(date=new.date)

    def hear(self, reading: Reading) -> None:
        """Take what a newer header says: it names the decider, and where the decision was announced."""
        self.delegates = reading.delegates or self.delegates
        new, old = reading.resolution, self.resolution
        if new is None or _place(new) in self.spent:
            return
        if old is None or _place(new) != _place(old) or (new.date or old.date) != old.date:
            self.resolution = new


def _place(resolution: Resolution) -> str:
    """A link is the same under http and https: headers of years were rewritten from one to the other."""
    return resolution.ref.partition("://")[2] or resolution.ref


@dataclass(slots=True)
class Decision:
    """Folds one PEP's steps. `standing` is the outcome that stands, None before and after a reopening."""

    account: Account
    acts: list[Act] = field(default_factory=list)
    standing: Outcome | None = None
    executed: bool = False
    told: list[Fact] = field(default_factory=list)
    reopened: datetime | None = None
    active_since: datetime | None = None
    superseded: Fact | None = None

    def follow(self, step: Step) -> None:
        if step.renumbered:
            self._forget(step)
        status = step.after.status
        if status != "active":
            self.active_since = None
        elif step.turned:
            self.active_since = step.now
        process = step.after.kind == "process"
        if self.standing and self.acts[-1].by_force and not process:
            self._take_back(step, "a PEP of this type is not decided by being Active")
        in_force = status == "active" and process
        if in_force and self.standing is None:
            # Called a process only later, as the oldest are: in force since the status says so.
            self._word(step, "accepted", self.active_since or step.now)
        elif step.turned or step.renumbered:
            self._turn(step)
        self._restate(step)
        self._supersede(step)

    def _forget(self, step: Step) -> None:
        """The number was given to another proposal: nothing was decided on that one."""
        for fact in reversed(self.told):
            if fact.standing:
                self.account.retract(fact, ANOTHER, step.commit, step.now)
        self.told, self.acts, self.standing, self.executed = [], [], None, False
        self.reopened = self.active_since = self.superseded = None

    def _tell(self, fact: Fact, known: datetime) -> Fact:
        self.told.append(self.account.state(fact, known))
        return fact

    def _turn(self, step: Step) -> None:
        match step.after.status:
            case "accepted" | "rejected" | "provisional" as outcome:
                self._word(step, outcome, step.now)
            case "final":
                self._word(step, "accepted", step.now)
                self._execute(step)
            case "active" if step.after.kind == "process":
                self._word(step, "accepted", step.now)
            case "active" if self.standing != "rejected":
                return
            case status if status in OPEN and self.standing:
                self._reopen(step)
            case "april fool" if self.standing:
                self._take_back(step, "it was an April fool's joke")
            case _:
                return

    def _word(self, step: Step, outcome: Outcome, shown: datetime) -> None:
        """An outcome was stated: decided anew, overridden, or only worded otherwise."""
        if outcome == self.standing:
            return
        if self.standing == "accepted" and outcome == "provisional":
            self.acts[-1].outcome = outcome  # the status is younger than some provisional acceptances
        else:
            self._act(step, outcome, shown, overrides=self.standing in ("accepted", "rejected"))
        self.standing = outcome

    def _act(self, step: Step, outcome: Outcome, shown: datetime, *, overrides: bool) -> None:
        before = [act.time for act in self.acts[-1:]] + [time for time in (self.reopened,) if time]
        act = Act(
            outcome=outcome,
            overrides=overrides,
            version=step.version,
            title=step.after.title,
            shown=max([shown, *before]),
            floor=max(before, default=_EVER),
            spent=frozenset(_place(old.resolution) for old in self.acts if old.resolution),
            delegates=step.after.delegates,
            by_force=step.after.status == "active",
        )
        act.hear(step.after)
        what = "overridden" if overrides else "made"
        fact = Fact(
            f"{step.name}/{what}@{short(step.commit)}",
            f"decision/{step.name}",
            _said(act, step),
            act.time,
        )
        act.fact = self._tell(fact, step.now)
        self.acts.append(act)
        self.executed = False

    def _restate(self, step: Step) -> None:
        """Bring what was said up to the header: the type for every act, the rest for the one that stands."""
        if self.standing:
            self.acts[-1].hear(step.after)
            if _outcome(step) == self.standing:
                self.acts[-1].said(step.version)
        for act in self.acts:
            act.date(step.after.resolution)
            if act.fact is not None:
                self.account.restate(act.fact, _said(act, step), act.time, step.commit, step.now)

    def _reopen(self, step: Step) -> None:
        by = step.after.editor or next(iter(step.after.authors), "actor/unknown")
        data = decision.Reopened(
            by=by.partition("/")[2], reason=f"The status went back to {step.after.status.capitalize()}"
        )
        self.reopened = max(step.now, self.acts[-1].time)
        id_ = f"{step.name}/reopened@{short(step.commit)}"
        self._tell(Fact(id_, f"decision/{step.name}", data, self.reopened), step.now)
        self.standing = None

    def _take_back(self, step: Step, reason: str) -> None:
        act = self.acts.pop()
        if act.fact is not None:
            self.account.retract(act.fact, reason, step.commit, step.now)
        self.standing = None

    def _execute(self, step: Step) -> None:
        if not self.executed:
            fact = Fact(
                f"{step.name}/executed@{short(step.commit)}",
                f"decision/{step.name}",
                decision.Executed(),
                max(step.now, self.acts[-1].time),
            )
            self._tell(fact, step.now)
        self.executed = True

    def _supersede(self, step: Step) -> None:
        """Another took its place. Where nothing was decided, nothing is: the proposal is withdrawn."""
        if not step.after.superseded_by or (self.standing is None and self.superseded is None):
            return
        data = decision.Superseded(by_decision=f"pep-{step.after.superseded_by[0]:04d}")
        if self.superseded is not None:
            self.account.restate(self.superseded, data, self.superseded.time, step.commit, step.now)
            return
        id_ = f"{step.name}/superseded@{short(step.commit)}"
        fact = Fact(id_, f"decision/{step.name}", data, step.now)
        self.superseded = self._tell(fact, step.now)


def _outcome(step: Step) -> Outcome | None:
    """What the status of a version says was decided."""
    match step.version.header.status:
        case "accepted" | "rejected" | "provisional" as outcome:
            return outcome
        case "final":
            return "accepted"
        case _:
            return None


def _said(act: Act, step: Step) -> decision.Made | decision.Overridden:
    deciders, attested = _decided(act, step.number)
    if act.overrides:
        return decision.Overridden(
            deciders=deciders,
            outcome=act.outcome,
            attested=attested,
            reason=f"The status went to {act.outcome.capitalize()}",
        )
    return decision.Made(
        title=act.title,
        domains=step.after.domains,
        initiative=step.name,
        outcome=act.outcome,
        deciders=deciders,
        attested=attested,
        ref=act.resolution.ref if act.resolution else None,
    )


def _decided(act: Act, number: int) -> tuple[tuple[decision.Decider, ...], Attested]:
    """Who decided, and how that is known."""
    if number in VOTED:
        return (decision.Decider(holder=CORE_DEVELOPERS),), "recorded"
    by_era = authority(act.time)
    holders = act.lent_to() or ((by_era,) if by_era else ())
    deciders = tuple(decision.Decider(holder=holder) for holder in holders)
    if act.resolution and holders:
        return deciders, "recorded"
    return deciders, "observed" if act.lent_to() else "inferred"
