"""What a PES Marché file tells about a marché, field by field, read from its bytes alone.

Codes become the labels of the DECP; what a value of the PES cannot say, or says of several fields at once, is absent.
Of what it has no element for, a file of version 5.17 is read as saying the neutral value ("no").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

from connectors.dgfip import codes
from connectors.transports.xml import parse
from semaphore_hub.ports.champs import amount, labels, present, rate

Pairs = Iterator[tuple[str, str | None]]

_NAT_ID = codes.reverse(codes.NAT_ID)
_TYPE_TITULAIRE = codes.reverse(codes.TYPE_TITULAIRE)
_TYPE_CODE_LIEU = codes.reverse(codes.TYPE_CODE_LIEU)
_FORME_PRIX = codes.reverse(codes.FORME_PRIX)
_VARIATION_PRIX = codes.reverse(codes.VARIATION_PRIX)
_VARIATION_ACTE = codes.reverse(codes.VARIATION_ACTE)
_GROUPEMENT = codes.reverse(codes.GROUPEMENT)
_CCAG = codes.reverse(codes.CCAG)
_TECHNIQUE = codes.reverse(codes.TECHNIQUE)
_SOCIALE = codes.reverse(codes.CONSIDERATION_SOCIALE)
_ENVIRONNEMENTALE = codes.reverse(codes.CONSIDERATION_ENVIRONNEMENTALE)
_VENTILATION = "VentilationsAcheteurs/VentilationAcheteur"
_CONDITIONS = "Operateurs/Titulaire/ConditionsExecutionTitulaire"


def tells(body: bytes) -> dict[str, str]:
    """The fields that the file's marché tells; empty when it tells a concession."""
    root = parse(body).getroot()
    marche = root.find("PES_Marche/Marches/Marche")
    if marche is None:
        return {}
    return present(
        (
            *_identity(root, marche),
            *_description(marche),
            *_conditions(marche),
            *_holders(marche),
            *_timed(marche),
            *_history(marche),
        )
    )


def _identity(root: etree._Element, marche: etree._Element) -> Pairs:
    contract = _value(marche, "IdentifiantMarche/IdContrat")
    sender = _value(root, "EnTetePES/IdColl")
    buyers = {_own(one, "IdAcheteur"): _own(one, "NomAcheteur") for one in marche.iterfind("Acheteurs/Acheteur")}
    authority = _value(marche, "PA/IdPA")
    yield "id", contract
    yield "complements.idContrat", contract
    yield "acheteur.id", authority or sender
    yield "acheteur.nom", _value(marche, "PA/NomPA") if authority else buyers.get(sender or "")
    yield "beneficiaires", labels(buyers)
    if len(buyers) > 1:
        for one in marche.iterfind(_VENTILATION):
            yield f"acheteurs[{_own(one, 'IdAcheteur')}].montant", _amount(one, "MontantHTNotifie")


def _description(marche: etree._Element) -> Pairs:
    nature, procedure = _own(marche, "NatureMarche"), _own(marche, "ProcedureMarche")
    yield "nature", codes.nature_label(nature)
    yield "procedure", codes.PROCEDURE_LABEL.get(procedure)
    yield "complements.natureMarche", nature
    yield "complements.procedureMarche", procedure
    for name, tag in (
        ("complements.urlProfilAcheteur", "URLProfilAcheteur"),
        ("objet", "Objet"),
        ("codeCPV", "CodeCPV"),
        ("lieuExecution.code", "LieuExecution/CodeLieuExecution"),
        ("complements.nomLieuExecution", "LieuExecution/NomLieuExecution"),
        ("dureeMois", "DureeEnMois"),
        ("complements.dureeMaximaleMois", "DureeEnMoisMaximumPossible"),
        ("complements.dateDebutExecution", "DateDebutExecution"),
        ("complements.dateSignature", "DateSignature"),
        ("complements.reconductibilite", "Reconductibilite"),
        ("dateNotification", "DateNotification"),
        ("datePublicationDonnees", "DatePublicationDonnees"),
    ):
        yield name, _value(marche, tag)
    yield "lieuExecution.typeCode", _label(marche, "LieuExecution/TypeCode", _TYPE_CODE_LIEU)
    for name, tag in (
        ("montant", "MontantHTNotifie"),
        ("complements.montantTVA", "MontantTVANotifie"),
        ("complements.montantEstime", "MontantHTEstime"),
        ("montantActualise", "MontantHTActualise"),
    ):
        yield name, _amount(marche, tag)
    yield "complements.montantEstimatif", _flag(marche, "CaractereEstimatifMontantNotifie")
    yield "complements.penalite", _flag(marche, "Penalite")


def _conditions(marche: etree._Element) -> Pairs:
    block = marche.find("ConditionsExecution")
    assert block is not None, "the body satisfies its contract"
    nature, procedure = _own(marche, "NatureMarche"), _own(marche, "ProcedureMarche")
    newer = block.find("MarcheInnovant") is not None
    yield "idAccordCadre", _value(block, "IdAccordCadre")
    yield "complements.siretPAAccordCadre", _value(block, "SiretPAAccordCadre")
    yield "modalitesExecution", labels(codes.modalites_of(_own(block, "ModaliteExecution"), nature))
    yield "offresRecues", _value(block, "NbTotalPropositionsRecu")
    yield "typeGroupementOperateurs", _label(block, "TypeGroupement", _GROUPEMENT)
    yield "ccag", _label(block, "CCAGReference", _CCAG)
    if newer:
        techniques = _labels(block, "TechniquesAchat/TechniqueAchat", _TECHNIQUE)
        social = _labels(block, "ConsiderationsSociales/ConsiderationSociale", _SOCIALE)
        environmental = _labels(
            block, "ConsiderationsEnvironnementales/ConsiderationEnvironnementale", _ENVIRONNEMENTALE
        )
    else:
        techniques = labels(codes.techniques_of(nature, procedure))
        social = "Clause sociale" if _flag(block, "ClauseSociale") == "oui" else None
        environmental = "Clause environnementale" if _flag(block, "ClauseEnvironnementale") == "oui" else None
    direct = "oui" if marche.find("Operateurs/SousTraitantPaiementDirect") is not None else "non"
    yield "techniques", techniques or codes.SANS_OBJET
    yield "considerationsSociales", social or codes.PAS_SOCIALE
    yield "considerationsEnvironnementales", environmental or codes.PAS_ENVIRONNEMENTALE
    yield "marcheInnovant", _flag(block, "MarcheInnovant") or "non"
    yield "sousTraitanceDeclaree", _flag(block, "SousTraitanceDeclaree") or direct
    for name, tag in (("origineUE", "OrigineUE"), ("origineFrance", "OrigineFrance")):
        yield name, rate(_decimal(block, tag))
    yield from _advance(marche, block)


def _advance(marche: etree._Element, block: etree._Element) -> Pairs:
    """The rate is told twice: as a percentage, more precise, by holder, and since 5.30 as a ratio."""
    regime = _value(marche, f"{_CONDITIONS}/RegimeAvance")
    percentage = _decimal(marche, f"{_CONDITIONS}/PourcentageAvance")
    yield "complements.regimeAvance", regime
    yield "attributionAvance", _flag(block, "AttributionAvance") or ("non" if regime in codes.NO_ADVANCE else "oui")
    yield "tauxAvance", rate(_decimal(block, "TauxAvance") if percentage is None else percentage / 100)
    yield "formePrix", _label(marche, f"{_CONDITIONS}/FormePrix", _FORME_PRIX)
    yield "typesPrix", _label(marche, f"{_CONDITIONS}/VariationPrix", _VARIATION_PRIX)


def _holders(marche: etree._Element) -> Pairs:
    shares: dict[str, Decimal] = defaultdict(Decimal)
    for line in marche.iterfind(f"{_VENTILATION}/VentilationsTitulaire/VentilationTitulaire"):
        for node in line.iter("MontantHTNotifie"):  # its own, and those of its sub-contractors
            shares[_holder(line, "Titulaire")] += Decimal(node.get("V", "0"))
    holders = {_holder(one, "Titulaire"): one for one in marche.iterfind("Operateurs/Titulaire")}
    yield "titulaires", labels(holders)
    for name, one in holders.items():
        yield f"titulaires[{name}].denominationSociale", _own(one, "DenominationSociale")
        yield f"titulaires[{name}].role", _label(one, "TypeTitulaireMarche", _TYPE_TITULAIRE)
        yield f"titulaires[{name}].montant", amount(shares[name])


def _timed(marche: etree._Element) -> Pairs:
    """Tranches and renewals, added up over the buyers; documents."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    told: dict[str, str | None] = {}
    for one in marche.iterfind(f"{_VENTILATION}/Tranches/Tranche"):
        place = f"tranches[{int(_own(one, 'NumTranche')) - 1}]"
        sums[f"{place}.montant"] += Decimal(_own(one, "MontantHTTranche"))
        firm = _own(one, "TypeTranche") == codes.TRANCHE_FERME
        told[f"{place}.type"] = "ferme" if firm else "optionnelle"
    for one in marche.iterfind(f"{_VENTILATION}/PeriodesReconduction/PeriodeReconduction"):
        place = f"reconductions[{_own(one, 'NumPeriode')}]"
        sums[f"{place}.montant"] += Decimal(_own(one, "MontantHTPeriode"))
        told[f"{place}.debut"], told[f"{place}.fin"] = _own(one, "DebutPeriode"), _own(one, "FinPeriode")
    yield from told.items()
    for name, total in sums.items():
        yield name, amount(total)
    yield "pieces", labels(_own(one, "IdUnique") for one in marche.iterfind("PJRefs/PJRef"))


def _history(marche: etree._Element) -> Pairs:
    """Amendments and acts, and the initial state, which is the present one less their differences."""
    modified = _own(marche, "IdentifiantMarche/NumeroOrdreModification") != "00"
    blocks = marche.find("ModificationsMarche")
    if blocks is None and modified:
        return  # the history was told by another sending
    total, months = Decimal(_own(marche, "MontantHTNotifie")), int(_own(marche, "DureeEnMois"))
    if blocks is None:
        yield "initial.titulaires", labels(_holder(one, "Titulaire") for one in marche.iterfind("Operateurs/Titulaire"))
    else:
        for one in blocks.iterfind("ModificationMontantDuree"):
            total -= _decimal(one, "DeltaMontantHTNotifie") or Decimal(0)
            months -= int(_value(one, "DeltaDureeEnMois") or 0)
        yield from _amendments(blocks)
        yield from _acts(blocks)
        if blocks.find("ModificationTitulaire") is None:
            present_ones = marche.iterfind("Operateurs/Titulaire")
            yield "initial.titulaires", labels(_holder(one, "Titulaire") for one in present_ones)
    yield "initial.montant", amount(total)
    yield "initial.dureeMois", str(months)


def _amendments(blocks: etree._Element) -> Pairs:
    for one in blocks.iterfind("ModificationMontantDuree"):
        place = _place(one)
        yield from _amendment(one, place)
        yield f"{place}.montant", _amount(one, "MontantHTNotifie")
        yield f"{place}.dureeMois", _value(one, "DureeEnMois")
    for one in blocks.iterfind("ModificationTitulaire"):
        place = _place(one)
        yield from _amendment(one, place)
        yield f"{place}.titulaires", labels(_holder(holder, "") for holder in one.iterfind("Titulaires/Titulaire"))


def _place(block: etree._Element) -> str:
    return f"modifications[{int(_own(block, 'NumeroActe'))}]"


def _amendment(block: etree._Element, place: str) -> Pairs:
    yield f"{place}.objet", _own(block, "ObjetModification")
    yield f"{place}.dateNotificationModification", _own(block, "DateSignatureModification")
    yield f"{place}.datePublicationDonneesModification", _value(block, "DatePublicationDonneesModification")


def _acts(blocks: etree._Element) -> Pairs:
    amounts: dict[int, Decimal] = {}
    for one in blocks.iterfind("DeclarationSousTraitancePaiementDirect"):
        number = int(_own(one, "NumeroActeSousTraitance"))
        place = f"actesSousTraitance[{number}]"
        amounts[number] = Decimal(_own(one, "MontantHTNotifie"))
        yield f"{place}.objet", _own(one, "ObjetModification")
        sub = one.find("SousTraitantPaiementDirect")
        yield f"{place}.sousTraitant", None if sub is None else _holder(sub, "")
        yield f"{place}.dureeMois", _value(one, "DureeEnMois")
        yield f"{place}.dateNotification", _own(one, "DateSignatureModification")
        yield f"{place}.montant", amount(amounts[number])
        yield f"{place}.variationPrix", _label(one, "VariationPrix", _VARIATION_ACTE)
    for one in blocks.iterfind("ModificationSousTraitancePaiementDirect"):
        place = f"modificationsActesSousTraitance[{int(_own(one, 'NumeroActe'))}]"
        number, delta = int(_own(one, "NumeroActeSousTraitance")), Decimal(_own(one, "DeltaMontantHTNotifie"))
        yield f"{place}.id", str(number)
        yield f"{place}.dateNotificationModificationSousTraitance", _own(one, "DateSignatureModification")
        yield f"{place}.dureeMois", _value(one, "DureeEnMois")
        if delta and number in amounts:
            amounts[number] += delta
            yield f"{place}.montant", amount(amounts[number])


def _holder(block: etree._Element, suffix: str) -> str:
    """Type and identifier of somebody named in a block."""
    nature = _own(block, f"NatId{suffix}")
    return f"{_NAT_ID.get(nature, nature)} {_own(block, f'Id{suffix}')}"


def _value(node: etree._Element, path: str) -> str | None:
    found = node.find(path)
    return None if found is None else found.get("V")


def _own(node: etree._Element, path: str) -> str:
    """A value that the contract makes compulsory."""
    return _value(node, path) or ""


def _decimal(node: etree._Element, path: str) -> Decimal | None:
    text = _value(node, path)
    return None if text is None else Decimal(text)


def _amount(node: etree._Element, path: str) -> str | None:
    return amount(_decimal(node, path))


def _flag(node: etree._Element, path: str) -> str | None:
    text = _value(node, path)
    return None if text is None else "oui" if text in ("1", "true") else "non"


def _label(node: etree._Element, path: str, table: dict[str, str]) -> str | None:
    text = _value(node, path)
    return None if text is None else table.get(text)


def _labels(node: etree._Element, path: str, table: dict[str, str]) -> str | None:
    return labels(table[code] for one in node.iterfind(path) if (code := one.get("V", "")) in table)
