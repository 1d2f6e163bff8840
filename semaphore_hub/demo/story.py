"""The end of the story: the other GEF, PLACE and the cooperatives, each with its own ways; then all of it."""

from __future__ import annotations

from datetime import date

from semaphore_hub.demo.ght import HAUTECLAIRE, OREE, VALMONT
from semaphore_hub.demo.marches import IMPRIMES, IMPRIMES_ATTRIBUES
from semaphore_hub.demo.scenario import FIRST_MONTHS
from semaphore_hub.demo.steps import (
    AFTER_RETRY,
    BY_API,
    BY_FILE,
    Adhere,
    Amend,
    Arrive,
    Award,
    Break,
    Expected,
    Foresee,
    Operate,
    Reach,
    SendFlow,
    Spend,
    Step,
    SwitchChannel,
    Upgrade,
)

PLACE, UNIHA, RESAH = "place", "uniha", "resah"
SFTP, SOAP, EAI, NC, SAAS = "gef_0904", "gef_2k22", "gef_eai_prodige", "gef_nc", "gef_saas"
REFERENTIELS = ("structures", "comptes", "fournisseurs")


def _day(month: int, day: int) -> date:
    return date(2026, month, day)


def _adhesion(
    day: int, centrale: str, name: str, siret: str, numero: str, lot: int | None, number: str
) -> tuple[Step, ...]:
    """An establishment joins a marché of a cooperative; the marché and its products come, and go on to its GEF."""
    demand = {
        "centrale": centrale,
        "numeroMarche": numero,
        **({} if lot is None else {"lot": lot}),
        "etablissement": siret,
        "dateEntree": f"{_day(4, day + 6)}",
        "besoinTTC": "48000.00",
    }
    return (
        Step(
            _day(4, day),
            f"Un établissement demande à adhérer à un marché de {centrale} ; la convention arrive",
            (Adhere(name, demand), Reach(name, "signature")),
        ),
        Step(
            _day(4, day + 2),
            "La convention est signée, l'établissement facturé est choisi : l'adhésion devient active",
            (
                Operate(name, "signature", {"signataire": "Direction fictive des achats"}),
                Reach(name, "ventilation"),
                Operate(name, "ventilation", {"etablissementFacture": VALMONT}),
                Reach(name, "active"),
            ),
        ),
        Step(
            _day(4, day + 3),
            f"Le marché et ses produits arrivent de {centrale}, et vont à la GEF de l'établissement",
            (Arrive(f"{name} de {centrale}", number),),
        ),
    )


_LAST_MONTHS: tuple[Step, ...] = (
    # --- the other GEF of the GHT
    Step(
        _day(3, 24),
        "Avenant à la maintenance informatique ; le service SOAP d'une GEF est indisponible un moment",
        (
            Break(SOAP, scenarios=("faute_indisponible*1",)),
            Amend("informatique", {"objet": "Un site de plus", "montant": "181000.00"}),
        ),
        {SOAP: AFTER_RETRY},
    ),
    Step(
        _day(3, 25),
        "Une GEF ne répond plus : l'opérateur passe à ses fichiers par SFTP",
        (
            SwitchChannel(SFTP, "file"),
            Amend("dispositifs", {"objet": "Nouvelles tailles", "montant": "462000.00"}),
        ),
        {SFTP: BY_FILE},
    ),
    Step(
        _day(3, 26),
        "Retour à l'API ; l'EAI d'un autre établissement est arrêté, ses flux passent en CSV",
        (
            SwitchChannel(SFTP, "api"),
            SwitchChannel(EAI, "file"),
            Amend("énergie", {"objet": "Ajout d'une borne de recharge", "montant": "1398000.00"}),
        ),
        {SFTP: BY_API, EAI: BY_FILE},
    ),
    Step(
        _day(3, 27),
        "L'EAI reprend ; la GEF restée en fichiers est montée de version : son API s'ouvre",
        (
            SwitchChannel(EAI, "eai"),
            Upgrade(NC, "1.2"),
            Amend("blanchisserie", {"objet": "Linge des résidents", "montant": "745000.00"}),
        ),
        {EAI: Expected(channel="eai"), NC: BY_API},
    ),
    # --- what the GEF keep the truth of comes back
    Step(
        _day(3, 30),
        "Les GEF transmettent leurs structures, leurs comptes et leurs tiers",
        tuple(SendFlow(gef, flow) for gef in (SFTP, SOAP, EAI, NC, SAAS) for flow in REFERENTIELS),
    ),
    Step(
        _day(3, 31),
        "Deux hôpitaux commandent, reçoivent et mandatent : la consommation des marchés suit",
        (Spend(SFTP, "dispositifs", "12500.00"), Spend(SOAP, "énergie", "8400.50")),
    ),
    # --- two cooperatives
    *_adhesion(4, UNIHA, "perfusion", HAUTECLAIRE, "M_2001", 1, "U2001L1"),
    *_adhesion(14, RESAH, "gants", OREE, "M_2002", None, "R2002"),
    # --- a procedure followed with PLACE, whose web services are incomplete
    Step(
        _day(4, 20),
        "Une consultation est lancée, PLACE la publie",
        (
            Foresee("imprimés", IMPRIMES),
            Operate("imprimés", "lancement", {"dateLancement": "2026-04-20", "dateLimiteOffres": "2026-05-20"}),
        ),
        {PLACE: BY_API},
    ),
    Step(
        _day(5, 21),
        "Les plis sont ouverts",
        (Operate("imprimés", "ouverture", {"dateOuverture": "2026-05-21", "offresRecues": 3}),),
        {PLACE: BY_API},
    ),
    Step(
        _day(5, 28),
        "Le marché est attribué : PLACE n'a pas ce service (501), l'attribution part en fichier",
        (Award("imprimés", IMPRIMES_ATTRIBUES),),
        {PLACE: BY_FILE},
    ),
    Step(
        _day(6, 15),
        "Le délai de suspension écoulé, le marché est signé et notifié",
        (
            Operate("imprimés", "signature", {"dateSignature": "2026-06-15"}),
            Operate(
                "imprimés", "notification", {"dateNotification": "2026-06-15", "datePublicationDonnees": "2026-06-15"}
            ),
        ),
    ),
)

SCENARIO = FIRST_MONTHS + _LAST_MONTHS
"""Every step, in order."""
