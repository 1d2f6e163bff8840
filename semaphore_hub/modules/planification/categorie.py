"""Reads what is summed with a project: the other projects and the needs of its homogeneous category, over the GHT."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.planification.codes import Statut
from semaphore_hub.modules.planification.donnees import Projet
from semaphore_hub.modules.planification.models import PlanBesoin, PlanProjet, PlanRecensement
from semaphore_hub.modules.planification.procedure import Besoin, valeur_recurrente
from semaphore_hub.modules.planification.schemas import ElementCalcul

_projet, _besoin, _recensement = table_of(PlanProjet), table_of(PlanBesoin), table_of(PlanRecensement)


class Categories:
    """What was read of categories, kept for the time of one request.

    Args:
        connection: where to read.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: dict[tuple[str, str, int], list[ElementCalcul]] = {}

    def besoin(self, projet: Projet, annee: int, besoins: Collection[str] | None = None) -> Besoin:
        """The need of a project over its category and a year.

        Args:
            projet: the project, perhaps not recorded yet.
            annee: year whose projects and needs are summed.
            besoins: uids of the needs it takes; None for those recorded.
        """
        row = projet.row
        works = row["type_achat"] == "travaux"
        code = None if works else row["code_nchfs"]
        own = ElementCalcul(
            nature="projet",
            uid=projet.uid,
            libelle=row["intitule"],
            etablissement=row["acheteur_siret"],
            montant=projet.montant,
            precision="ce projet" if not projet.lots else f"ce projet, somme de {len(projet.lots)} lot(s)",
        )
        if not works and row["duree_mois"] < 12:
            own = self._whole_year(own, projet, besoins)
        taken = {projet.uid, *(besoins or ())}
        others = [] if code is None else self._others(row["ght"], code, annee)
        return Besoin(
            type_achat=row["type_achat"],
            annee=annee,
            elements=(own, *(one for one in others if one.uid not in taken)),
            lots=projet.lots,
            categorie=code,
            ght=row["ght"],
        )

    def _whole_year(self, own: ElementCalcul, projet: Projet, besoins: Collection[str] | None) -> ElementCalcul:
        """A recurring need bought for less than a year counts for twelve months."""
        mine = _besoin.c.projet_uid == projet.uid if besoins is None else _besoin.c.uid.in_(sorted(besoins))
        total = func.coalesce(func.sum(_besoin.c.montant_annuel_cents), 0)
        recurring, once = (
            from_cents(
                int(self._connection.execute(select(total).where(mine, _besoin.c.recurrent.is_(flag))).scalar_one())
            )
            for flag in (True, False)
        )
        value = valeur_recurrente(recurring, projet.row["duree_mois"]) + once
        if not recurring or value <= own.montant:
            return own
        words = f"ce projet dure {projet.row['duree_mois']} mois : ses besoins récurrents comptent pour douze"
        return own.model_copy(update={"montant": value, "precision": words})

    def _others(self, ght: str, code: str, annee: int) -> list[ElementCalcul]:
        key = (ght, code, annee)
        if key not in self._read:
            self._read[key] = [*self._projects(ght, code, annee), *self._needs(ght, code, annee)]
        return self._read[key]

    def _projects(self, ght: str, code: str, annee: int) -> list[ElementCalcul]:
        """Projects that are launched in the year, whoever buys; those given up do not count."""
        statement = select(_projet).where(
            _projet.c.ght == ght,
            _projet.c.code_nchfs == code,
            _projet.c.type_achat != "travaux",
            _projet.c.statut != Statut.ABANDONNE,
        )
        found = [Projet.of(row) for row in self._connection.execute(statement.order_by(_projet.c.uid)).mappings()]
        return [
            ElementCalcul(
                nature="projet",
                uid=one.uid,
                libelle=one.row["intitule"],
                etablissement=one.row["acheteur_siret"],
                montant=one.montant,
                precision=f"projet {one.row['reference']}, {one.row['strategie']}",
            )
            for one in found
            if one.lancement().year == annee
        ]

    def _needs(self, ght: str, code: str, annee: int) -> list[ElementCalcul]:
        """Needs stated for the year that no project takes."""
        statement = (
            select(_besoin)
            .join(_recensement, _recensement.c.uid == _besoin.c.recensement_uid)
            .where(
                _besoin.c.ght == ght,
                _besoin.c.code_nchfs == code,
                _besoin.c.type_achat != "travaux",
                _besoin.c.projet_uid.is_(None),
                _besoin.c.montant_annuel_cents > 0,
                _recensement.c.annee == annee,
            )
            .order_by(_besoin.c.uid)
        )
        return [
            ElementCalcul(
                nature="besoin",
                uid=row["uid"],
                libelle=row["libelle"],
                etablissement=row["etablissement_siret"],
                montant=from_cents(row["montant_annuel_cents"]),
                precision="besoin récurrent, douze mois" if row["recurrent"] else "besoin ponctuel",
            )
            for row in self._connection.execute(statement).mappings()
        ]
