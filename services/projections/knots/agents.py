"""Unanswered agent: software decided, and nobody it reports to is there to answer for it.

Whom it reports to must be live; where that is an agent too, whom that one reports to, and so on. It lasts
from the first such decision until somebody live answers for it, or the agent is gone.
"""

from collections.abc import Iterator
from datetime import datetime

from schemas.decision import Made, Overridden
from services.projections.history import Act, History
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.reading import scope_of, step_of
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, found, joined
from services.projections.knots.standing import departure
from services.projections.knots.wording import count, day, domain_name


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """A knot for each agent and domain it decides in."""
    spells = [
        Spell(
            scope=scope_of(act),
            actors=(agent,),
            since=act.at,
            until=_answered(history, agent[6:], act.at),
            entries=(act.position, *_shown(history, agent[6:], act.at)),
            acts=(act,),
        )
        for act in history.acts
        if act.status == "counted"
        for agent in _agents(history, act)
    ]
    for episode in joined(spells, history.at):
        yield _found(history, episode)


def _agents(history: History, act: Act) -> list[str]:
    """Those who decided themselves, or in a body's name, and for whom nobody answers."""
    data = step_of(history, act).data
    deciders = data.deciders if isinstance(data, Made | Overridden) else ()
    named = {history.who(decider.holder) for decider in deciders if decider.holder.startswith("actor/")}
    return sorted(actor for actor in named if _unanswered(history, actor[6:], act.at))


def _is_agent(history: History, actor: str, at: datetime) -> bool:
    profile = history.structure.actors.profile(actor, at)
    return profile is not None and profile.actor_kind == "agent"


def _unanswered(history: History, actor: str, at: datetime) -> bool:
    """Whether it is an agent for whom nobody live answers in the end."""
    if not _is_agent(history, actor, at):
        return False
    last = _line(history, actor, at)[-1]
    return _is_agent(history, last, at) or not history.structure.actors.live(last, at)


def _line(history: History, agent: str, at: datetime) -> list[str]:
    """An agent, whom it reports to, and so on, up to the first who is no agent, is gone, or came before."""
    actors, line = history.structure.actors, [agent]
    above = actors.superior(agent, at)
    while above is not None and above not in line:
        line.append(above)
        there = actors.live(above, at) and _is_agent(history, above, at)
        above = actors.superior(above, at) if there else None
    return line


def _shown(history: History, agent: str, at: datetime) -> Iterator[int]:
    """The entries that say to whom it reports, and so on, and that the last of these is gone."""
    structure, line = history.structure, _line(history, agent, at)
    for actor in line:
        profile = structure.actors.profile(actor, at)
        if profile is not None and _is_agent(history, actor, at):
            yield profile.position
    gone = departure(structure, f"actor/{line[-1]}", at)
    if gone is not None and len(line) > 1:
        yield gone[1]


def _answered(history: History, agent: str, since: datetime) -> datetime | None:
    """When, after an instant, somebody answered for it again, or it was gone."""
    actors = history.structure.actors
    there = actors.live(agent, since)  # one that had left decides all the same: it cannot leave again
    for at in actors.changes(since):
        if at > history.at:
            return None
        was, there = there, actors.live(agent, at)
        if (was and not there) or not _unanswered(history, agent, at):
            return at
    return None


def _found(history: History, episode: Episode) -> Found:
    (agent,) = episode.actors
    domain = episode.scope.partition("/")[2]
    made = count(len({act.decision for act in episode.acts}), "decision")
    return found(
        "unanswered agent",
        episode,
        figure=len({act.decision for act in episode.acts}),
        unit="decisions",
        sentence=f"{agent} is software and has made {made} on {domain_name(history, domain)} since "
        f"{day(episode.since)}, while {_why(history, agent[6:], episode.since)}.",
    )


def _why(history: History, agent: str, at: datetime) -> str:
    above = history.structure.actors.superior(agent, at)
    if above is None or above == agent:
        return "it reports to nobody" if above is None else "it reports to itself"
    if history.structure.actors.live(above, at):
        return f"nobody answers for actor/{above}, software too, to whom it reports"
    return f"actor/{above}, to whom it reports, is gone"


PATTERNS = (
    Pattern(
        name="unanswered agent",
        episodes=episodes,
        why="Software cannot answer for what it decides; somebody must be there who can, and can stop it.",
        question="Who would notice if it decided wrongly, and who could switch it off today?",
        closes="Somebody live to whom the agent reports, or the agent taken out of the decision.",
    ),
)
