"""What to look at on a project: late, under a procedure that no longer fits, without a category; no refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection

from semaphore_hub.modules.planification import rules
from semaphore_hub.modules.planification.codes import AVANT_LANCEMENT, VIVANTS
from semaphore_hub.modules.planification.donnees import Projet
from semaphore_hub.modules.planification.nomenclatures import nchfs_connus
from semaphore_hub.modules.planification.planning import Calculs
from semaphore_hub.modules.planification.procedure import averti
from semaphore_hub.modules.planification.retroplanning import retard
from semaphore_hub.modules.planification.schemas import ProcedureVue
from semaphore_hub.modules.referentiel.ecriture import euros, jour_ecrit
from semaphore_hub.modules.referentiel.lookups import EtablissementConnu, etablissements_named
from semaphore_hub.modules.referentiel.schemas import Avertissement
from semaphore_hub.modules.referentiel.seuils import SeuilInconnu


def avertissements(
    connection: Connection, projets: Sequence[Projet], aujourdhui: date
) -> dict[str, list[Avertissement]]:
    """The warnings of projects, by uid; what they share is read once."""
    buyers = etablissements_named(connection, {one.row["acheteur_siret"] for one in projets}, aujourdhui)
    codes = nchfs_connus(connection, {one.row["code_nchfs"] for one in projets if one.row["code_nchfs"]})
    calculs = Calculs(connection)
    return {one.uid: _of(one, buyers, codes, calculs, aujourdhui) for one in projets if one.statut in VIVANTS}


def _of(
    projet: Projet,
    buyers: Mapping[str, EtablissementConnu],
    codes: Mapping[str, str],
    calculs: Calculs,
    aujourdhui: date,
) -> list[Avertissement]:
    row, found = projet.row, list[Avertissement]()
    late = retard(projet.jalons, row["date_debut_prevue"], row["echeance_renouvelee"], aujourdhui)
    if late is not None:
        found.append(averti(rules.RETARD, "$.jalons", consequence=late.consequence))
    buyer = buyers.get(row["acheteur_siret"])
    if buyer is not None and buyer.role != "support":
        found.append(averti(rules.ACHETEUR_PARTIE, "$.acheteur", siret=buyer.siret))
    if row["code_nchfs"] is not None and row["code_nchfs"] not in codes:
        found.append(averti(rules.NCHFS_INCONNU, "$.codeNCHFS", code=row["code_nchfs"]))
    if row["code_nchfs"] is None and row["type_achat"] != "travaux":
        found.append(averti(rules.CATEGORIE_ABSENTE, "$.codeNCHFS"))
    return [*found, *_procedure(projet, calculs)]


def _procedure(projet: Projet, calculs: Calculs) -> list[Avertissement]:
    """Whether the procedure retained is still the one the need calls for; once launched, the computation is kept."""
    row = projet.row
    jour = projet.lancement()
    if projet.statut in AVANT_LANCEMENT:
        if row["procedure"] is None:
            return []
        try:
            computed = calculs.procedure(projet, jour)
        except SeuilInconnu as error:
            return [Avertissement(regle=rules.SEUILS_INCONNUS.id, champ="$.dateLancement", message=error.detail)]
    elif row["calcul"] is not None:
        computed = ProcedureVue.model_validate(row["calcul"])
    else:
        return []
    if computed.procedure == row["procedure"]:
        return []
    said = {"retenue": row["procedure"], "calculee": computed.procedure, "valeur": f"{euros(computed.valeur)} HT"}
    return [averti(rules.PROCEDURE_PERIMEE, "$.procedure", jour=jour_ecrit(jour), **said)]
