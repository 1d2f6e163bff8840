"""Reads one subject at its source, and writes its facts in the place of those it had."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.indicateurs.faits.ecriture import ACTION, DEPENSE, Partition, Row, lues, remplacer
from semaphore_hub.modules.indicateurs.faits.lignes import (
    ligne_action,
    ligne_depense,
    ligne_marche,
    ligne_projet,
    premier_siren,
)
from semaphore_hub.modules.indicateurs.faits.situation import Situation
from semaphore_hub.modules.indicateurs.models import IndicateurEntreprise, IndicateurMarche, IndicateurProjet
from semaphore_hub.ports.mesures import DepenseMesuree, Sources

MARCHE, PROJET = table_of(IndicateurMarche), table_of(IndicateurProjet)
_entreprise = table_of(IndicateurEntreprise)


class Relecture:
    """Readings of one transaction; each returns the partitions it touched.

    Args:
        connection: of the transaction.
        sources: where the facts are read.
    """

    def __init__(self, connection: Connection, sources: Sources) -> None:
        self._connection = connection
        self._sources = sources
        self._situation = Situation(connection)

    def sujet(self, sujet: str) -> set[Partition]:
        """Read a subject again: "paat/<uid>", "marche/<uid>", "planification/<uid>", "mandats/<partner>/<flow>"."""
        kind, _, rest = sujet.partition("/")
        match kind:
            case "paat":
                return self.plan(rest)
            case "marche":
                return self.marches([rest])
            case "planification":
                return self.projets([rest])
            case "mandats":
                partner, _, flow = rest.partition("/")
                lines = self._sources.marches.depenses_du_flux(self._connection, partner, flow)
                return self._depenses_relues(lines)
        raise ValueError(f"nobody knows what to read again for {sujet}")

    def plan(self, uid: str) -> set[Partition]:
        """Every action of a plan."""
        sujet = f"paat/{uid}"
        actions = self._sources.actions.actions(self._connection, uid)
        self._situation.charger({one.etablissement_siret for one in actions if one.etablissement_siret is not None})
        rows = [ligne_action(one, sujet, self._situation) for one in actions]
        return remplacer(self._connection, ACTION, lues(self._connection, ACTION, ACTION.c.sujet, [sujet]), rows)

    def marches(self, uids: Sequence[str]) -> set[Partition]:
        """Marchés, and the mandats on them when what these take from their marché is no longer the same."""
        found = self._sources.marches.marches(self._connection, uids)
        sirens = sorted({premier_siren(one) for one in found})
        categories = {
            row["siren"]: row["categorie"] for row in lues(self._connection, _entreprise, _entreprise.c.siren, sirens)
        }
        before = {row["uid"]: row for row in lues(self._connection, MARCHE, MARCHE.c.uid, uids)}
        after = {one.uid: ligne_marche(one, self._situation, categories) for one in found}
        touched = remplacer(self._connection, MARCHE, before.values(), after.values())
        for uid in uids:
            if _given(before.get(uid)) != _given(after.get(uid)):
                touched |= self._depenses_relues(self._sources.marches.depenses_du_marche(self._connection, uid))
        return touched

    def projets(self, uids: Iterable[str]) -> set[Partition]:
        """Purchase projects."""
        wanted = list(uids)
        found = [one for uid in wanted if (one := self._sources.projets.projet(self._connection, uid)) is not None]
        before = lues(self._connection, PROJET, PROJET.c.uid, wanted)
        return remplacer(self._connection, PROJET, before, [ligne_projet(one, self._situation) for one in found])

    def depenses(self, before: Iterable[Row], lines: Sequence[DepenseMesuree]) -> set[Partition]:
        """Lines of mandats in the place of those rows."""
        self._situation.charger({one.etablissement_siret for one in lines})
        rows = [ligne_depense(one, self._situation) for one in lines]
        return remplacer(self._connection, DEPENSE, before, rows)

    def _depenses_relues(self, lines: Sequence[DepenseMesuree]) -> set[Partition]:
        before = lues(self._connection, DEPENSE, DEPENSE.c.uid, [one.uid for one in lines])
        return self.depenses(before, lines)


def _given(marche: Row | None) -> tuple[object, ...] | None:
    """What the mandats of a marché take from it: family, operator, whether it is shared."""
    return None if marche is None else (marche["famille"], marche["operateur"], marche["beneficiaires"] > 1)
