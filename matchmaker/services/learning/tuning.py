"""Fit, compare with what is in use, decide: nothing learned goes live on its own word."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from matchmaker.domain import gate
from matchmaker.domain.errors import MatchmakerError
from matchmaker.domain.ranking.calibration import SHIPPED
from matchmaker.domain.ranking.weights import FIXED
from matchmaker.domain.vocabulary import ModelKind
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.learning import labels, public, trials, versions
from matchmaker.services.learning.calibrating import Example
from matchmaker.services.learning.labels import Labels
from matchmaker.services.learning.serving import serving
from matchmaker.services.learning.trials import Ground
from matchmaker.services.learning.versions import Outcome


class TooFewError(MatchmakerError):
    """There is not enough to learn from: a fit would follow luck."""

    code = "too_few"

    def __init__(self, kind: ModelKind, found: gate.Enough) -> None:
        super().__init__(f"{kind}: {found.has} {found.what}, {found.least} are needed")
        self.kind = kind
        self.found = found


def tune(
    session: Session, catalogue: Catalogue, kind: ModelKind, *, now: datetime,
    collections: Sequence[Path] = (), cache: Path | None = None,
) -> Outcome:  # fmt: skip
    """Fit the bands or the weights to all judgements and compare; writes nothing.

    Raises TooFewError before any work is done. Without `collections`, bands are held to the
    figures of public questions that ship; weights then stay a candidate.
    """
    found = enough(session, kind)
    on = Ground(
        found,
        labels.placed(session, catalogue, found.each, now=now),
        catalogue.encoder.fingerprint,
    )
    used = serving(session, on.model)
    if kind is ModelKind.CALIBRATION:
        if used.fit is not SHIPPED:
            on = replace(on, before=_known_to(session, kind, found))
        asked = _public_tops(catalogue, collections, cache)
        return trials.bands(on, used.fit, asked, now=now)
    if used.weights != FIXED:
        on = replace(on, before=_known_to(session, kind, found))
    return trials.weights(
        on,
        used.weights,
        lambda candidate: public.compare_weights(
            used.weights, candidate, collections, catalogue.encoder, cache
        ),
    )


def enough(session: Session, kind: ModelKind) -> Labels:
    """All labels; raises TooFewError where they are too few for this kind."""
    found = labels.read(session)
    told = gate.enough(kind, needs=found.needs, judgements=len(found.each))
    if not told.is_enough:
        raise TooFewError(kind, told)
    return found


def _known_to(session: Session, kind: ModelKind, now_known: Labels) -> Labels:
    """The judgements that the running version was fitted to."""
    version = versions.live(session, kind)
    if version is None or version.last_judgement_id >= now_known.last:
        return now_known
    return labels.read(session, upto=version.last_judgement_id)


def _public_tops(
    catalogue: Catalogue, collections: Sequence[Path], cache: Path | None
) -> dict[str, list[Example]]:
    """Top hits of public questions: of the collections given, else of those that ship."""
    if collections:
        return {
            directory.resolve().name: public.tops(
                public.ask(directory, catalogue.encoder, cache=cache)
            )
            for directory in collections
        }
    return public.kept() if public.kept_model() == catalogue.encoder.fingerprint else {}
