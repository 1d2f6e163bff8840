"""What a PES Marché says beyond the DECP: complements, coordinates of the holders, their parts and roles."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from lxml import etree
from pydantic import ValidationError
from stdnum import iban as _iban

from contracts.correspondance import Converted, table
from contracts.correspondance.pes_values import flag, money, number, v, vs
from semaphore_hub.imports import rules
from semaphore_hub.imports.source import Beyond
from semaphore_hub.modules.referentiel.cles import iban_valide
from semaphore_hub.modules.referentiel.schemas import NouveauFournisseur

_Key = tuple[str, str]

FRANCE = "100"
ROLES = {"01": "titulaire", "02": "co-traitant"}
_CONDITIONS = "ConditionsExecution"
_SHARES = "VentilationsAcheteurs/VentilationAcheteur/VentilationsTitulaire/VentilationTitulaire"
_TEXTS = {
    "idContrat": "IdentifiantMarche/IdContrat",
    "urlProfilAcheteur": "URLProfilAcheteur",
    "natureMarche": "NatureMarche",
    "procedureMarche": "ProcedureMarche",
    "dateSignature": "DateSignature",
    "dateDebutExecution": "DateDebutExecution",
    "dateDebutMarche": "DateDebutMarche",
    "reconductibilite": "Reconductibilite",
    "nomLieuExecution": "LieuExecution/NomLieuExecution",
    "nomSignataire": "NomSignataireAcheteur",
    "refDelegationSignature": "RefActeDelegationSignature",
    "siretPAAccordCadre": f"{_CONDITIONS}/SiretPAAccordCadre",
}
_NUMBERS = {
    "dureeMaximaleMois": "DureeEnMoisMaximumPossible",
    "offresDematerialisees": f"{_CONDITIONS}/NbTotalPropositionsDemat",
}
_FLAGS = {
    "montantEstimatif": "CaractereEstimatifMontantNotifie",
    "penalite": "Penalite",
    "multiBudget": f"{_CONDITIONS}/MultiBudget",
    "carteAchat": f"{_CONDITIONS}/CarteAchat",
}


def beyond(element: etree._Element, converted: Converted) -> tuple[Beyond, tuple[str, ...]]:
    """What a valid Marche block says beyond the DECP, and what of it the hub cannot keep (French sentences)."""
    warnings: list[str] = []
    changes = _changes(element)
    suppliers = dict(_suppliers(element, warnings))
    made = Beyond(
        complements=_complements(element, changes),
        amendments=_amendments(element, converted, changes),
        acts=dict(_acts(element, converted)),
        act_changes=_act_changes(element, converted),
        holders=_holders(element, changed=bool(converted.data.get("modifications"))),
        suppliers=suppliers,
    )
    return made, tuple(warnings)


def _changes(element: etree._Element) -> dict[int, etree._Element]:
    """Amendments of amount or duration, by number."""
    found = element.iterfind("ModificationsMarche/ModificationMontantDuree")
    return {rank: change for change in found if (rank := number(change, "NumeroActe")) is not None}


def _complements(element: etree._Element, changes: dict[int, etree._Element]) -> dict[str, Any]:
    values: dict[str, Any] = {name: v(element, path) for name, path in _TEXTS.items()}
    values |= {name: number(element, path) for name, path in _NUMBERS.items()}
    values |= {name: flag(element, path) for name, path in _FLAGS.items() if element.find(path) is not None}
    values["montantTVA"] = money(element, "MontantTVANotifie") or None
    estimate = money(element, "MontantHTEstime")
    if estimate is not None:
        added = sum((money(change, "DeltaMontantHTEstime") or Decimal(0) for change in changes.values()), Decimal(0))
        values["montantEstime"] = estimate - added
    regimes = set(vs(element, "Operateurs/Titulaire/ConditionsExecutionTitulaire/RegimeAvance"))
    if len(regimes) == 1:
        (values["regimeAvance"],) = regimes
    codes = vs(element, f"{_CONDITIONS}/CodesCPVSec/CodeCPVSec")
    if codes:
        values["codesCPVSecondaires"] = list(dict.fromkeys(codes))
    return {name: value for name, value in values.items() if value is not None}


def _amendments(
    element: etree._Element, converted: Converted, changes: dict[int, etree._Element]
) -> tuple[dict[str, Any], ...]:
    replaced = {number(one, "NumeroActe"): one for one in element.iterfind("ModificationsMarche/ModificationTitulaire")}
    made = []
    for change, words in zip(converted.data.get("modifications", ()), converted.objets, strict=True):
        one: dict[str, Any] = {} if words is None else {"objet": words}
        block = changes.get(change["id"])
        estimate = None if block is None else money(block, "MontantHTEstime")
        if estimate is not None:
            one["montantEstime"] = estimate
        if change["id"] in replaced:
            one |= _replaced(replaced[change["id"]])
        made.append(one)
    return tuple(made)


def _replaced(change: etree._Element) -> dict[str, Any]:
    """Roles and parts of the holders after a change, and the kind of their group."""
    holders: dict[_Key, dict[str, Any]] = {}
    for holder in change.iterfind("Titulaires/Titulaire"):
        key = _key(holder, "NatId", "Id")
        if key is not None:
            role = ROLES[str(v(holder, "TypeTitulaireMarche"))]
            holders.setdefault(key, {"role": role, "montant": money(holder, "MontantHTNotifie")})
    grouping = v(change, "TypeGroupement")
    group = {} if grouping is None else {"typeGroupementOperateurs": table().lists["typeGroupement"].pes[grouping]}
    return {"holders": holders, **group}


def _acts(element: etree._Element, converted: Converted) -> Iterator[tuple[int, dict[str, Any]]]:
    """Subject and holder of each act; those of a PES are all paid directly."""
    declared = {
        number(one, "NumeroActeSousTraitance"): v(one, "ObjetModification")
        for one in element.iterfind("ModificationsMarche/DeclarationSousTraitancePaiementDirect")
    }
    for act in converted.data.get("actesSousTraitance", ()):
        said: dict[str, Any] = {"paiementDirect": True}
        if declared.get(act["id"]):
            said["objet"] = declared[act["id"]]
        holder = _contractor(element, act["sousTraitant"])
        if holder is not None:
            said["titulaire"] = {"typeIdentifiant": holder[0], "id": holder[1]}
        yield act["id"], said


def _contractor(element: etree._Element, party: dict[str, Any]) -> _Key | None:
    """The holder under whose share the subcontractor stands."""
    for share in element.iterfind(_SHARES):
        for one in share.iterfind("VentilationsSousTraitantPaiementDirect/VentilationSousTraitantPaiementDirect"):
            if _key(one, "NatIdSousTraitant", "IdSousTraitant") == (party["typeIdentifiant"], party["id"]):
                return _key(share)
    return None


def _act_changes(element: etree._Element, converted: Converted) -> tuple[str | None, ...]:
    kept = {act["id"] for act in converted.data.get("actesSousTraitance", ())}
    return tuple(
        v(one, "ObjetModification")
        for one in element.iterfind("ModificationsMarche/ModificationSousTraitancePaiementDirect")
        if number(one, "NumeroActeSousTraitance") in kept
    )


def _holders(element: etree._Element, *, changed: bool) -> dict[_Key, dict[str, Any]]:
    """Role of each holder, and its part: after an amendment the parts are no longer those of the notification."""
    found: dict[_Key, dict[str, Any]] = {}
    for holder in element.iterfind("Operateurs/Titulaire"):
        key = _key(holder)
        if key is not None:
            found.setdefault(key, {"role": ROLES[str(v(holder, "TypeTitulaireMarche"))]})
    if changed or len(found) < 2:
        return found
    parts = {key: Decimal(0) for key in found}
    for share in element.iterfind(
        "VentilationsAcheteurs/VentilationAcheteur/VentilationsTitulaire/VentilationTitulaire"
    ):
        key = _key(share)
        if key in parts:
            parts[key] += money(share, "MontantHTNotifie") or Decimal(0)
    if all(parts.values()) and sum(parts.values()) == money(element, "MontantHTNotifie"):
        for key, part in parts.items():
            found[key]["montant"] = part
    return found


def _key(holder: etree._Element, nature: str = "NatIdTitulaire", name: str = "IdTitulaire") -> _Key | None:
    kind = table().lists["natureIdentifiant"].pes.get(str(v(holder, nature)))
    identifier = v(holder, name)
    return None if kind is None or identifier is None else (kind, identifier)


def _suppliers(element: etree._Element, warnings: list[str]) -> Iterator[tuple[_Key, dict[str, Any]]]:
    operators = [(one, _key(one)) for one in element.iterfind("Operateurs/Titulaire")]
    operators += [
        (one, _key(one, "NatIdSousTraitant", "IdSousTraitant"))
        for one in element.iterfind("Operateurs/SousTraitantPaiementDirect")
    ]
    for holder, key in operators:
        if key is None:
            continue
        kind, identifier = key
        account = _account(holder.find("CpteBancaire"), identifier, warnings)
        values = {
            "typeIdentifiant": kind,
            "id": identifier,
            "denominationSociale": v(holder, "DenominationSociale"),
            "adresse": _address(holder.find("Adresse")),
            "compteBancaire": account,
            "categorieTiers": v(holder, "CatTiers"),
            "natureJuridique": v(holder, "NatJur"),
        }
        yield key, _acceptable(values, identifier, warnings)


def _acceptable(values: dict[str, Any], identifier: str, warnings: list[str]) -> dict[str, Any]:
    """The values the référentiel takes; those of a wrong form are left out, and said."""
    try:
        NouveauFournisseur.model_validate(values)
    except ValidationError as error:
        wrong = {str(item["loc"][0]) for item in error.errors(include_url=False)}
        for name in sorted(wrong & values.keys()):
            warnings.append(rules.say(rules.PES_COORDONNEES, id=identifier, champ=name))
        return {name: value for name, value in values.items() if name not in wrong or name in ("typeIdentifiant", "id")}
    return values


def _address(block: etree._Element | None) -> dict[str, Any] | None:
    if block is None:
        return None
    country = v(block, "CodPays")
    return {
        "ligne1": v(block, "Adr1"),
        "voie": v(block, "Adr2"),
        "complement": v(block, "Adr3"),
        "codePostal": v(block, "CP"),
        "ville": v(block, "Ville"),
        "codePays": None if country is None or country == FRANCE else country.zfill(3),
    }


def _account(block: etree._Element | None, identifier: str, warnings: list[str]) -> dict[str, Any] | None:
    """The account, a French RIB as its IBAN; an account abroad that has none is not kept."""
    if block is None:
        return None
    number_of_account = v(block, "IBAN")
    if number_of_account is None and v(block, "CodeEtab") is not None:
        parts = (v(block, name) or "" for name in ("CodeEtab", "CodeGuic", "IdCpte", "CleRib"))
        number_of_account = _french_iban("".join(parts))
    if number_of_account is None or not iban_valide(number_of_account):
        warnings.append(rules.say(rules.PES_COMPTE, id=identifier))
        return None
    return {
        "iban": number_of_account,
        "bic": v(block, "BIC"),
        "titulaire": v(block, "TitCpte"),
        "banque": v(block, "LibBanc"),
    }


def _french_iban(rib: str) -> str | None:
    """ISO 13616: the RIB after the country and its key."""
    if len(rib) != 23 or not rib.isalnum() or not rib.isascii():
        return None
    bare = rib.upper()
    return f"FR{_iban.calc_check_digits(f'FR00{bare}')}{bare}"
