"""The last chapter of the story: the plan of the GHT, its campaign, the next purchases, and what the indicators say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from semaphore_hub.demo import ght
from semaphore_hub.demo.client import Client, Json
from semaphore_hub.demo.display import Display
from semaphore_hub.demo.runner import StepFailed
from semaphore_hub.kernel.clock import ManualClock

ANNEE = 2026
OBJECTIF = "100000.00"
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

INTITULES = (
    "N° action",
    "Libellé de l'action",
    "Famille",
    "Domaine",
    "Catégorie",
    "Montant de référence annuel\n(€ TTC)",
    "Périmètre traité (€ TTC)",
    "Type d'effet budgétaire",
    "Opérateur",
    "N° marché",
    "Date d'effet",
    "Montant Gain",
)


def _action(
    numero: str,
    libelle: str,
    famille: str,
    reference: str,
    gain: str,
    operateur: str = "GHT",
    marche: str = "",
    effet: str = "",
    domaine: str = "",
) -> tuple[str, ...]:
    """A line of the trame; what is treated is what it is measured against."""
    treated = (reference, reference, "Effet prix induit")
    return (numero, libelle, famille, domaine, "", *treated, operateur, marche, effet, gain)


ACTIONS = (
    _action(
        *("A1", "Antiinfectieux, marché UniHA", "MEDICAMENTS", "1 200 000", "84 000,50 €", "UniHA", "U2001L1"),
        domaine="ANTIINFECTIEUX GENERAUX A USAGE SYSTEMIQUE",
    ),
    _action("A2", "Gants d'examen, marché RESAH", "Dispositifs médicaux", "350 000", "21 000", "RESAH", "R2002"),
    _action("A3", "Maintenance électrique", "Travaux, fourniture", "5 000", "35 000"),
    _action("A4", "Maintenance des échographes", "Biomédical", "200 000", "12 000", effet="septembre 2026"),
    _action("A5", "Effacement électrique", "Énergies et fluides", "", "9 500"),
)
"""Lines of the trame as people fill it in: two of them cannot be retained (A3: gain above the reference; A5: none)."""

RETENU = "117000.50"
"""Gains retained by the checks: A1, A2 and A4, over twelve months."""
RETENU_2026 = "109000.50"
"""Their part in the year: A4 takes effect in September, four months out of twelve."""


@dataclass(slots=True)
class Steering:
    """Plays the chapter through HTTP, and writes its documents in a folder."""

    hub: Client
    clock: ManualClock
    display: Display
    folder: Path

    async def play(self) -> None:
        """Everything in order.

        Raises:
            StepFailed: an outcome is not the one expected.
            CallRefused: the hub refused an operation.
        """
        plan = await self._plan()
        await self._validate(plan)
        await self._campaign(plan)
        await self._reconcile()
        await self._foresee()
        await self._indicators()

    async def _plan(self) -> str:
        """The trame is imported into the plan of the year; the uid of the plan."""
        self._on(date(2026, 7, 1), "L'équipe achat dépose la trame de son PAAT, un classeur Excel")
        plan = await self.hub.post("/v1/paat", {"ght": ght.GHT, "annee": ANNEE})
        content = trame()
        (self.folder / "trame-paat.xlsx").write_bytes(content)
        report = await self.hub.send(f"/v1/paat/{plan['uid']}/trame", content, _EXCEL, version=plan["version"])
        self._expect("lignes de la trame", report["creees"], len(ACTIONS))
        self._expect("lignes écartées", report["exclues"], 2)
        self.display.line(f"  {report['creees']} actions lues, {report['exclues']} dont le gain n'est pas retenu :")
        for line in report["lignes"]:
            if line["exclue"]:
                self.display.line(f"    ligne {line['ligne']} ({line['numero']}) : {line['commentaireDGOS']}")
        uid: str = plan["uid"]
        return uid

    async def _validate(self, plan: str) -> None:
        self._on(date(2026, 7, 2), "Le plan est soumis, puis validé à chaque niveau, jusqu'à l'analyse de la DGOS")
        present = await self.hub.get(f"/v1/paat/{plan}")
        step = await self.hub.post(f"/v1/paat/{plan}/soumission", version=present["version"])
        while step["suivante"] is not None and step["statut"] != "analyse_dgos":
            following = step["suivante"]
            self.display.line(f"  en attente : {following['activite']} ({following['role']})")
            step = await self.hub.post(
                f"/v1/paat/{plan}/etapes/{following['uid']}/decision",
                {"decision": "acceptee"},
                version=step["version"],
            )
        self._expect("statut du plan", step["statut"], "analyse_dgos")

    async def _campaign(self, plan: str) -> None:
        self._on(date(2026, 7, 6), "La campagne de mi-année est ouverte : le GHT remonte ses chiffres")
        campaign = await self.hub.post("/v1/paat/campagnes", {"annee": ANNEE, "moment": "mi_annee"})
        sent = await self.hub.post(f"/v1/paat/campagnes/{campaign['uid']}/remontees", {"paat": plan})
        self._expect("gain retenu remonté", sent["chiffres"]["gainRetenu"], RETENU)
        self.display.line(f"  gain retenu, figé dans la remontée : {sent['chiffres']['gainRetenu']} €")

    async def _reconcile(self) -> None:
        self._on(date(2026, 7, 8), "UniHA et RESAH déclarent leurs gains : le plus bas des deux chiffres est retenu")
        gains = [
            {"operateur": "uniha", "reference": "M_2001-1", "numeroMarche": "U2001L1", "gain": "79000.00"},
            {"operateur": "resah", "reference": "M_2002", "numeroMarche": "R2002", "gain": "23500.00"},
        ]
        declared = [{**gain, "annee": ANNEE, "ght": ght.GHT} for gain in gains]
        body = {"source": "Déclarations fictives des opérateurs", "gains": declared}
        await self.hub.post("/v1/paat/gains-operateurs", body)
        compared = await self.hub.get("/v1/paat/rapprochement", annee=ANNEE, ght=ght.GHT)
        for line in compared["lignes"]:
            if line["operateur"] != "ght":
                words = f"GHT {line['gainGht']} €, opérateur {line['gainOperateur']} €, retenu {line['gainRetenu']} €"
                self.display.line(f"  {line['operateur']} : {words}")
        retained = sorted(line["gainRetenu"] for line in compared["lignes"] if line["operateur"] != "ght")
        self._expect("gains retenus des opérateurs", retained, ["21000.00", "79000.00"])

    async def _foresee(self) -> None:
        self._on(date(2026, 7, 10), "Les besoins de 2027 sont recensés, un projet d'achat les reprend")
        census = await self.hub.post("/v1/planification/recensements", _RECENSEMENT)
        path = f"/v1/planification/recensements/{census['uid']}/besoins"
        await self.hub.put(path, {"besoins": list(_BESOINS)})
        needs = await self.hub.everything(path)
        project = await self.hub.post(
            "/v1/planification/projets", {**_PROJET, "besoins": [need["uid"] for need in needs]}
        )
        path = f"/v1/planification/projets/{project['uid']}"
        procedure = await self.hub.get(f"{path}/procedure", dateLancement="2026-09-01")
        self._expect("procédure", procedure["procedure"], "procédure formalisée")
        self.display.line(
            f"  {project['montantEstime']} € HT sur {project['dureeMois']} mois : {procedure['procedure']}"
        )
        calendar = await self.hub.body("/v1/planification/agenda.ics")
        (self.folder / "agenda.ics").write_bytes(calendar)

    async def _indicators(self) -> None:
        self._on(date(2026, 7, 15), "Les indicateurs sont lus, et leurs éditions écrites")
        targets = f"annee;region;ght;montant\n{ANNEE};{ght.REGION};{ght.GHT};{OBJECTIF}\n".encode()
        await self.hub.send("/v1/indicateurs/imports?type=objectifs&nom=objectifs.csv", targets, "text/csv")
        await self.hub.post("/v1/indicateurs/faits/actualisation")
        board = await self.hub.get("/v1/indicateurs/tableau-de-bord", annee=ANNEE, ght=ght.GHT)
        self._expect("sujets encore à relire", board["sujetsEnAttente"], 0)
        for one in board["items"]:
            self.display.line(f"  {one['libelle']} : {one['affichage']}")
        figures = {one["code"]: one for one in board["items"]}
        self._expect("taux de qualité", figures["taux-qualite"]["valeur"], "0.6000")
        self._expect("gains retenus de l'année", figures["gains"]["valeur"], RETENU_2026)
        question = f"annee={ANNEE}&ght={ght.GHT}"
        for name in ("rapport.html", "ars.xlsx"):
            content = await self.hub.body(f"/v1/indicateurs/editions/{name}?{question}")
            (self.folder / f"indicateurs-{name}").write_bytes(content)

    def _on(self, day: date, sentence: str) -> None:
        instant = datetime.combine(day, time(9), UTC)
        self.clock.set(instant)
        self.display.moment(instant, sentence)

    def _expect(self, what: str, found: object, wanted: object) -> None:
        """Raises StepFailed."""
        if found != wanted:
            raise StepFailed(f"{what} : {found}, {wanted} attendu")


def trame() -> bytes:
    """A trame as a hospital fills it in: a title above, amounts and dates as texts, an empty row, a total."""
    target = BytesIO()
    book = Workbook(target, {"in_memory": True})
    book.add_worksheet("Mode d'emploi").write_string(0, 0, "Une ligne par action ; montants TTC.")
    sheet = book.add_worksheet("PAAT 2026")
    sheet.write_string(0, 0, f"Plan d'actions achat du territoire, {ght.NOM_GHT}")
    rows: list[tuple[str, ...]] = [INTITULES, *ACTIONS[:3], (), *ACTIONS[3:]]
    for row, values in enumerate(rows, 2):
        for column, value in enumerate(values):
            if value:
                sheet.write_string(row, column, value)
    total = len(rows) + 2
    sheet.write_string(total, 0, "TOTAL")
    sheet.write_string(total, INTITULES.index("Montant Gain"), "161 500,50")
    book.close()
    return target.getvalue()


_RECENSEMENT: Mapping[str, Any] = {
    "ght": ght.GHT,
    "annee": 2027,
    "intitule": "Besoins 2027, linge et blanchisserie",
    "ouverture": "2026-07-10",
    "cloture": "2026-08-31",
}
_BESOINS: tuple[Json, ...] = tuple(
    {
        "etablissement": siret,
        "reference": f"LINGE-{rank}",
        "libelle": "Traitement du linge",
        "typeAchat": "services",
        "codeCPV": "98310000",
        "montantAnnuel": amount,
    }
    for rank, (siret, amount) in enumerate(((ght.VALMONT, "64000.00"), (ght.RIVEBELLE, "41500.00")), start=1)
)
_PROJET: Mapping[str, Any] = {
    "reference": "PA2027-01",
    "acheteur": ght.VALMONT,
    "intitule": "Traitement du linge des établissements du GHT",
    "dureeMois": 48,
    "dateDebutPrevue": "2027-07-01",
    "portefeuille": "Hôtellerie",
}
