"""Plans ordinary decisions by the field's manners: who proposes, who is asked, who decides, how soon.

An ordinary decision keeps the organisation's own rules: mandatory contributors are asked and waited for,
those who decide are those the row names, whoever is to be told is told, and what was decided is written down.
"""

from collections import Counter
from math import log
from random import Random

from services.connectors.demo.case import Advice, Case, Consultation, Outcome, Position
from services.connectors.demo.clock import DAY, HOUR
from services.connectors.demo.manners import Habit, Manner, Span
from services.connectors.demo.organisation import Organisation
from services.connectors.demo.pen import Pen
from services.connectors.demo.rows import Row

_PLAIN = Habit()
_STANCES = ["support"] * 5 + ["concern"] * 2 + ["information"] * 2 + ["objection"]
_VERBS = ["Change", "Start", "Renew", "Simplify", "Extend", "Stop", "Replace", "Try"]
_THINGS = [
    "plan",
    "tool",
    "agreement",
    "process",
    "standard",
    "budget",
    "format",
    "offer",
    "contract",
    "schedule",
]


class Planner:
    """Plans cases for one organisation. The same random state plans the same cases."""

    def __init__(self, organisation: Organisation, pen: Pen, rng: Random) -> None:
        self.org = organisation
        self.pen = pen
        self.rng = rng
        self._rounds: dict[tuple[str, int], list[str]] = {}
        self._turns: Counter[tuple[str, str]] = Counter()

    def from_proposal(self, domain: str, proposed: int) -> Case:
        """A decision somebody proposes now."""
        row = self.org.row(domain, proposed)
        lead = self._lead(row)
        made = proposed + lead
        return self._plan(domain, proposed, made, self.org.row(domain, made))

    def to_be_made(self, domain: str, made: int) -> Case:
        """A decision that will be made at exactly this second."""
        row = self.org.row(domain, made)
        return self._plan(domain, made - self._lead(row), made, row)

    def _lead(self, row: Row | None) -> int:
        """From proposal to decision: long where everything waits for one desk."""
        central = row is not None and row.central
        days = self.rng.lognormvariate(log(13.0 if central else 3.2), 0.3)
        return int(days * DAY) + (row.wait if row else 0) + 8 * HOUR

    def _plan(self, domain: str, proposed: int, made: int, row: Row | None) -> Case:
        rng, manner = self.rng, self.org.manners[domain]
        opened = made - int(rng.uniform(5.2, 6.5) * HOUR)
        holders = [h for h in row.decides if self.org.live(h, made)] if row else []
        named = frozenset(h.partition("/")[2] for h in holders) | {s.actor for s in manner.stand_ins}
        proposer = self.org.somebody(domain, proposed, rng, named)
        outcome = self._outcome(manner)
        case = Case(
            id=self.pen.name("d"),
            domain=domain,
            title=f"{rng.choice(_VERBS)} the {rng.choice(_THINGS)}: {self.org.fields[domain].name}",
            proposer=self.org.known_as(proposer, proposed, rng),
            proposed=proposed,
            opened=opened,
            made=made,
            outcome=outcome,
            deciders=[],
            electorate=[],
            rule=row.rule if row else None,
            initiative=self.pen.name("i") if rng.random() < 0.6 else None,
        )
        if row is not None and holders:
            self._deliberate(case, row, holders, manner)
            self._consult(case, row, manner)
            case.told = [row.informs] if row.informs else []
        case.told_at = case.made + int(rng.uniform(1, 90) * HOUR)
        return case

    def _outcome(self, manner: Manner) -> Outcome:
        roll = self.rng.random()
        if roll < manner.accepts:
            return "accepted"
        return "provisional" if roll < manner.accepts + 0.04 else "rejected"

    # who decides

    def _deliberate(self, case: Case, row: Row, holders: list[str], manner: Manner) -> None:
        chosen = self._chosen(case, row, holders, manner)
        if row.kind == "any":
            self._decide_alone(case, chosen)
        elif len(holders) == 1 and holders[0].startswith("body/"):
            self._decide_as_body(case, holders[0][5:])
        else:
            self._decide_together(case, row, holders, manner)

    def _chosen(self, case: Case, row: Row, holders: list[str], manner: Manner) -> str:
        for stand_in in manner.stand_ins:
            if stand_in.since <= case.made < stand_in.until and self.rng.random() < 0.6:
                return f"actor/{stand_in.actor}"
        return self._turn(case.domain, row, holders, manner)

    def _turn(self, domain: str, row: Row, holders: list[str], manner: Manner) -> str:
        """Whose turn it is: rounds in random order, each holder having as many turns as it is favoured."""
        round_ = self._rounds.setdefault((domain, row.since), [])
        while True:
            if not round_:
                favours = {} if row.central else manner.favours
                round_ += [h for h in row.decides for _ in range(favours.get(h, 1))]
                self.rng.shuffle(round_)
            chosen = round_.pop()
            if chosen in holders:
                return chosen

    def _decide_alone(self, case: Case, chosen: str) -> None:
        """Whoever picks it up decides."""
        kind, _, id = chosen.partition("/")
        if kind == "body":
            self._decide_as_body(case, id)
            return
        case.electorate, case.deciders = [{"holder": chosen}], [{"holder": chosen}]
        word = "reject" if case.outcome == "rejected" else "approve"
        reason = id.startswith("g-") or self.rng.random() < _PLAIN.gives_reasons
        case.positions = [Position(id, self._answered(case, _PLAIN, self.org.promptness(id)), word, reason)]

    def _decide_as_body(self, case: Case, body: str) -> None:
        """The body's people take positions; the body decides, or one of them in its name."""
        seated = self.org.cast.seated(body, case.opened)
        case.electorate = [{"holder": f"actor/{a}"} for a in seated]
        case.positions = [p for a in seated if (p := self._position(case, a, _PLAIN)) is not None]
        case.deciders = [{"holder": f"body/{body}"}]
        speakers = [p.by for p in case.positions if p.by != case.proposer]
        if speakers and self.rng.random() < 0.2:
            case.deciders = [{"holder": f"actor/{self.rng.choice(speakers)}", "under": body}]

    def _decide_together(self, case: Case, row: Row, holders: list[str], manner: Manner) -> None:
        case.electorate = [{"holder": h, "weight": 2} if h == row.heavy else {"holder": h} for h in holders]
        taken = []
        for holder in holders:
            habit = self._habit(manner, holder[6:], case.made)
            position = self._position(case, holder[6:], habit)
            if position is not None:
                taken.append(position)
        spoken = {f"actor/{p.by}" for p in taken}
        if not row.wins(spoken, holders):
            late = [h[6:] for h in holders if h not in spoken]
            taken += [Position(a, case.made - HOUR, "approve", reason=True) for a in late]
        case.positions = sorted(taken, key=lambda p: p.at)
        case.deciders = [{"holder": f"actor/{p.by}"} for p in case.positions]
        if self.rng.random() < 0.1:  # one of them had more of a hand in it
            case.deciders[0]["parts"] = 2

    @staticmethod
    def _habit(manner: Manner, actor: str, at: int) -> Habit:
        habit = manner.habits.get(actor, _PLAIN)
        return habit if at >= habit.since else _PLAIN

    def _position(self, case: Case, actor: str, habit: Habit) -> Position | None:
        promptness = self.org.promptness(actor)
        if not self._takes_part(habit, promptness):
            return None
        value = "approve" if habit.always_approves else self._word(case)
        answered = self._answered(case, habit, promptness)
        return Position(actor, answered, value, self.rng.random() < habit.gives_reasons)

    def _takes_part(self, habit: Habit, promptness: float) -> bool:
        often = 1 - 0.07 * promptness if habit.takes_part is None else habit.takes_part
        return self.rng.random() < often

    def _word(self, case: Case) -> str:
        if self.rng.random() < 0.08:
            return "abstain"
        return "reject" if case.outcome == "rejected" else "approve"

    def _answered(self, case: Case, habit: Habit, promptness: float) -> int:
        usual = promptness * self.rng.uniform(0.8, 3.8) * HOUR
        return case.opened + (self._within(habit.answers_within) if habit.answers_within else int(usual))

    def _within(self, span: Span) -> int:
        return int(self.rng.uniform(*span))

    # who is heard

    def _consult(self, case: Case, row: Row, manner: Manner) -> None:
        if row.mandatory and self.org.cast.present(row.mandatory, case.proposed):
            self._ask_whom_it_must(case, row, row.mandatory, manner)
        if row.optional or manner.voices or self.rng.random() < manner.volunteers:
            self._ask_around(case, row, manner)
        for consultation in case.consultations:
            case.proposed = min(case.proposed, consultation.at - HOUR)

    def _ask_whom_it_must(self, case: Case, row: Row, whom: str, manner: Manner) -> None:
        habit = self._habit(manner, whom, case.proposed)
        at = case.opened - row.wait - self._within((0.5 * HOUR, 6 * HOUR))
        promptness = self.org.promptness(whom)
        usual = promptness * self.rng.uniform(0.8, 5) * HOUR
        answered = at + (self._within(habit.advises_within) if habit.advises_within else int(usual))
        if answered > case.opened:  # everybody waits
            delay = answered + HOUR - case.opened
            self._put_off(case, delay)
        advice = Advice(whom, answered, self.rng.choice(_STANCES))
        case.consultations.append(Consultation(at, [f"actor/{whom}"], True, at + row.wait, [advice]))

    @staticmethod
    def _put_off(case: Case, delay: int) -> None:
        case.opened += delay
        case.made += delay
        for position in case.positions:
            position.at += delay

    def _ask_around(self, case: Case, row: Row, manner: Manner) -> None:
        """Those the row would like to hear, and whoever cares to say something."""
        at = case.opened - self._within((6 * HOUR, 14 * HOUR))
        asked = []
        if row.optional and self.org.cast.present(row.optional, at) and self.rng.random() < 0.7:
            asked = [row.optional]
        speakers = [a for a in asked if self.rng.random() < 0.98]
        if self.rng.random() < manner.volunteers:
            speakers.append(self.org.somebody(case.domain, at, self.rng, self._taken(case, row)))
        advice = [Advice(a, self._spoken(a, at), self.rng.choice(_STANCES)) for a in speakers]
        advice += self._voiced(case, manner, at)
        if asked or advice:
            due = at + 2 * DAY
            case.consultations.append(Consultation(at, [f"actor/{a}" for a in asked], False, due, advice))

    def _spoken(self, actor: str, asked: int) -> int:
        return asked + int(self.org.promptness(actor) * self.rng.uniform(0.8, 5) * HOUR)

    @staticmethod
    def _taken(case: Case, row: Row) -> frozenset[str]:
        """Who already has a part in it."""
        named = {h.partition("/")[2] for h in row.decides}
        electors = {e["holder"].partition("/")[2] for e in case.electorate}
        return frozenset(named | electors | {case.proposer, row.mandatory or "", row.optional or ""})

    def _voiced(self, case: Case, manner: Manner, at: int) -> list[Advice]:
        said = []
        for voice in manner.voices:
            key = (case.domain, voice.actor)
            heard = voice.since <= at < voice.until and self._turns[key] < voice.at_most
            if heard and self.rng.random() < voice.speaks:
                self._turns[key] += 1
                heeded = self.rng.random() < voice.followed
                stance = "support" if heeded == (case.outcome != "rejected") else "objection"
                said.append(Advice(voice.actor, self._spoken(voice.actor, at), stance))
        return said
