"""What is answered about a trame that was sent."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from semaphore_hub.modules.paat.champs import Gain, Pourcent
from semaphore_hub.modules.paat.codes import Controle
from semaphore_hub.modules.paat.trame.constats import Constat
from semaphore_hub.modules.referentiel.champs import CodeGht, Sortie, Uid

MAX_LIGNES_RAPPORT = 5000
"""Lines given in a report; all are counted."""


class LigneRapport(Sortie):
    """What became of one line of the file."""

    ligne: int = Field(description="n° de ligne dans Excel")
    numero: str = Field(description="n° de l'action ; « T… » : donné par le hub à une ligne qui n'en avait pas")
    libelle: str | None
    sort: Literal["creee", "modifiee", "inchangee", "refusee"] = Field(
        description="ce que devient l'action ; en simulation, ce qu'elle deviendrait"
    )
    gain: Gain | None = Field(description="gain déclaré, euros TTC")
    performance: Pourcent | None = Field(description="gain / montant de référence, en %")
    controle: Controle | None = Field(description="contrôle DGOS rencontré (codes : hypothèse)")
    commentaireDGOS: str | None
    exclue: bool | None = Field(description="vrai : le gain retenu est 0")
    gainRetenu: Gain | None = Field(description="euros TTC")


class RapportTrame(Sortie):
    """What became of a trame, line by line; refused, it changes nothing."""

    paat: Uid | None = Field(description="absent : le plan n'existe pas encore")
    ght: CodeGht
    annee: int
    version: int | None = Field(description="version du plan après l'import")
    simulation: bool = Field(description="vrai : rien n'a été enregistré")
    acceptee: bool = Field(description="faux : une erreur au moins, rien n'est enregistré")
    feuille: str = Field(description="feuille lue")
    ligneIntitules: int = Field(description="n° de ligne des intitulés dans Excel")
    colonnes: tuple[str, ...] = Field(description="intitulés reconnus, dans l'ordre de la trame")
    lues: int = Field(description="lignes d'action lues")
    creees: int
    modifiees: int
    inchangees: int
    exclues: int = Field(description="actions dont le gain n'est pas retenu")
    erreurs: int
    avertissements: int
    parRegle: dict[str, int] = Field(description="nombre de constats par règle")
    constats: tuple[Constat, ...] = Field(description="les erreurs, puis les avertissements, par ligne")
    constatsOmis: int = Field(description="constats comptés mais non donnés")
    lignes: tuple[LigneRapport, ...]
    lignesOmises: int = Field(description="lignes comptées mais non données")
