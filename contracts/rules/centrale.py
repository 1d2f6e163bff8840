"""Rules of the exchanges with a buying cooperative (assumed) that their schemas cannot say, on the JSON document.

The CSV contracts apply the same functions through :mod:`.centrale_csv`. A value the schema already refuses (missing, of
another type) is left to the schema rule: nothing here raises on it. Sources are in each ``contract.toml``.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from contracts.report import Violation
from contracts.rules.gef_commun_lecture import (
    Part,
    Pointer,
    has_wrong_finess_key,
    has_wrong_siret_key,
    is_before,
    is_no_siret,
    items,
    number,
    part,
    shown_day,
)

_GROUPS = ("Conjoint", "Solidaire")


def sirets(document: Any) -> Iterator[Violation]:
    """Every SIRET has a right key: the cooperative, établissements, holders, beneficiaries."""
    for pointer, value in _sirets(document):
        if has_wrong_siret_key(value):
            yield Violation(pointer, detail=f"« {value} »")


def finess(document: Any) -> Iterator[Violation]:
    """The FINESS of the établissement that joins has a right key."""
    value = part(part(document, "adhesion"), "etablissement").get("finess")
    if has_wrong_finess_key(value):
        yield Violation(("adhesion", "etablissement", "finess"), detail=f"« {value} »")


def titulaires(document: Any) -> Iterator[Violation]:
    """An identifier said to be a SIRET has fourteen digits."""
    for pointer, holder in _holders(document):
        if holder.get("typeIdentifiant") == "SIRET" and is_no_siret(value := holder.get("id")):
            yield Violation((*pointer, "id"), detail=f"« {value} »")


def dates(document: Any) -> Iterator[Violation]:
    """Nothing ends before it begins: an adhesion, a state, a marché; and no marché begins before its notification."""
    yield from _order(("adhesion",), part(document, "adhesion"), "dateEntree", "dateFin")
    if type(document) is dict:
        yield from _order((), document, "dateEntree", "dateFin")
    for index, marche in enumerate(items(document, "marches")):
        for earlier, later in (("dateNotification", "dateDebut"), ("dateNotification", "dateFin")):
            yield from _order(("marches", index), marche, earlier, later)
        if is_before(marche.get("dateFin"), marche.get("dateDebut")) and not is_before(
            marche.get("dateFin"), marche.get("dateNotification")
        ):
            yield from _order(("marches", index), marche, "dateDebut", "dateFin")


def besoin(document: Any) -> Iterable[Violation]:
    """The need for the remaining duration is more than nothing: the fee is computed from it."""
    value = number(part(document, "adhesion").get("besoinTTC"))
    return () if value is None or value > 0 else (Violation(("adhesion", "besoinTTC")),)


def facture(document: Any) -> Iterable[Violation]:
    """Who is invoiced is said by the ventilation, and by nothing else."""
    joined = part(document, "adhesion")
    action = document.get("action") if type(document) is dict else None
    told = "etablissementFacture" in joined
    if action not in ("demande", "signature", "ventilation") or told == (action == "ventilation"):
        return ()
    said = "présent" if told else "absent"
    place = ("adhesion", "etablissementFacture") if told else ("adhesion",)
    return (Violation(place, detail=f"{said} pour l'action « {action} »"),)


def rejet(document: Any) -> Iterable[Violation]:
    """A refusal has its code, an acceptance has none."""
    verdict = document.get("verdict") if type(document) is dict else None
    if verdict == "rejete" and "code" not in document:
        return (Violation((), detail="rejet sans code"),)
    if verdict == "accepte" and "code" in document:
        return (Violation(("code",), detail="code sur une acceptation"),)
    return ()


def motif(document: Any) -> Iterable[Violation]:
    """An adhesion that is refused says why."""
    refused = type(document) is dict and document.get("statut") == "refusee"
    return (Violation(("statut",)),) if refused and "motif" not in document else ()


def redevance(document: Any) -> Iterable[Violation]:
    """The fee is announced with the ventilation."""
    if type(document) is not dict or "redevanceTTC" not in document or "statut" not in document:
        return ()
    state = document["statut"]
    return () if state == "ventilation" else (Violation(("redevanceTTC",), detail=f"état « {state} »"),)


def nombre(document: Any) -> Iterable[Violation]:
    """There are as many marchés as announced."""
    announced = document.get("nombreMarches") if type(document) is dict else None
    count = len(items(document, "marches"))
    if type(announced) is not int or announced == count:
        return ()
    return (Violation(("nombreMarches",), detail=f"{announced} annoncés, {count} présents"),)


def doublons(document: Any) -> Iterator[Violation]:
    """A marché, a lot, the number of a lot, a holder, a beneficiary, a price line: each is said once."""
    marches = items(document, "marches")
    yield from _repeated((("marches", at), one.get("numero")) for at, one in enumerate(marches))
    yield from _repeated((pointer, lot.get("numeroMarche")) for pointer, lot in _lots(document))
    for at, marche in enumerate(marches):
        yield from _repeated(
            (("marches", at, "lots", rank), lot.get("numero")) for rank, lot in enumerate(items(marche, "lots"))
        )
    for pointer, lot in _lots(document):
        yield from _repeated(
            ((*pointer, "titulaires", rank), (one.get("typeIdentifiant"), one.get("id")))
            for rank, one in enumerate(items(lot, "titulaires"))
        )
        yield from _repeated(((*pointer, "beneficiaires", rank), siret) for rank, siret in _texts(lot, "beneficiaires"))


def prix_en_double(document: Any) -> Iterator[Violation]:
    """A price line is the only one of its marché, lot, reference and first day, over all pages."""
    keys = ("numeroMarche", "numeroLot", "referenceFournisseur", "dateDebut")
    yield from _repeated(
        (("pages", at, "lignes", rank), tuple(line.get(key) for key in keys))
        for at, page in enumerate(items(document, "pages"))
        for rank, line in enumerate(items(page, "lignes"))
    )


def lots(document: Any) -> Iterator[Violation]:
    """Lot 0 stands for a marché without lots: it is then alone; any other lot has a title."""
    for at, marche in enumerate(items(document, "marches")):
        listed = items(marche, "lots")
        for rank, lot in enumerate(listed):
            place = ("marches", at, "lots", rank)
            if lot.get("numero") == 0 and len(listed) > 1:
                yield Violation((*place, "numero"), detail="lot 0 parmi d'autres lots")
            elif type(lot.get("numero")) is int and lot["numero"] > 0 and "intitule" not in lot:
                yield Violation(place, detail=f"lot {lot['numero']} sans intitulé")


def groupement(document: Any) -> Iterator[Violation]:
    """A group has several holders, one of whom leads; without a group nobody is a « co-traitant »."""
    for pointer, lot in _lots(document):
        kind, holders = lot.get("typeGroupementOperateurs"), items(lot, "titulaires")
        leaders = sum(one.get("role", "titulaire") == "titulaire" for one in holders)
        if kind in _GROUPS and len(holders) == 1:
            yield Violation(pointer, detail=f"{kind} : un seul titulaire")
        elif kind in _GROUPS and holders and leaders != 1 and any("role" in one for one in holders):
            yield Violation(pointer, detail=f"{kind} : {leaders} « titulaire »")
        elif kind == "Pas de groupement" and leaders != len(holders):
            yield Violation(pointer, detail="co-traitant sans groupement")


def pages(document: Any) -> Iterator[Violation]:
    """The pages are those of one publication, 1, 2, 3… to the last."""
    listed = items(document, "pages")
    for at, page in enumerate(listed):
        if type(page.get("page")) is int and page["page"] != at + 1:
            yield Violation(("pages", at, "page"), detail=f"page {page['page']} au rang {at + 1}")
        for key in ("idPublication", "emisLe", "nombreLignes", "mode"):
            if key in page and page[key] != listed[0].get(key, page[key]):
                yield Violation(("pages", at, key), detail=f"« {page[key]} » puis « {listed[0][key]} »")
        if type(page.get("nombrePages")) is int and page["nombrePages"] != len(listed):
            yield Violation(("pages", at, "nombrePages"), detail=f"{page['nombrePages']} annoncées, {len(listed)} lues")


def complet(document: Any) -> Iterable[Violation]:
    """There are as many price lines as announced."""
    listed = items(document, "pages")
    announced = listed[0].get("nombreLignes") if listed else None
    count = sum(len(items(page, "lignes")) for page in listed)
    if type(announced) is not int or announced == count:
        return ()
    return (Violation(("pages", 0, "nombreLignes"), detail=f"{announced} annoncées, {count} présentes"),)


def montants(document: Any) -> Iterator[Violation]:
    """The parts of the holders of a lot, when they are given, add up to its amount."""
    for pointer, lot in _lots(document):
        parts = [number(one.get("montantHT")) for one in items(lot, "titulaires")]
        known, whole = [one for one in parts if one is not None], number(lot.get("montantHT"))
        if known and whole is not None and (len(known) < len(parts) or sum(known, Decimal(0)) != whole):
            yield Violation((*pointer, "montantHT"), detail=f"{lot['montantHT']} et {sum(known, Decimal(0))}")


def _order(pointer: Pointer, holder: Part, earlier: str, later: str) -> Iterable[Violation]:
    before, after = holder.get(earlier), holder.get(later)
    if not is_before(after, before):
        return ()
    said = f"{later} ({shown_day(str(after))}) précède {earlier} ({shown_day(str(before))})"
    return (Violation((*pointer, later), detail=said),)


def _repeated(keyed: Iterable[tuple[Pointer, Hashable]]) -> Iterator[Violation]:
    """The places whose key was met before; a key that is not a plain value is left to the schema."""
    seen: set[Hashable] = set()
    for pointer, key in keyed:
        parts = key if isinstance(key, tuple) else (key,)
        if not all(isinstance(one, str | int) for one in parts):
            continue
        if key in seen:
            yield Violation(pointer, detail=" / ".join(map(str, parts)))
        seen.add(key)


def _sirets(document: Any) -> Iterator[tuple[Pointer, Any]]:
    joined = part(document, "adhesion")
    yield ("adhesion", "etablissement", "siret"), part(joined, "etablissement").get("siret")
    yield ("adhesion", "etablissementFacture"), joined.get("etablissementFacture")
    yield ("acheteur", "siret"), part(document, "acheteur").get("siret")
    for pointer, holder in _holders(document):
        if holder.get("typeIdentifiant") == "SIRET":
            yield (*pointer, "id"), holder.get("id")
    for pointer, lot in _lots(document):
        for rank, siret in _texts(lot, "beneficiaires"):
            yield (*pointer, "beneficiaires", rank), siret


def _lots(document: Any) -> Iterator[tuple[Pointer, Part]]:
    for at, marche in enumerate(items(document, "marches")):
        for rank, lot in enumerate(items(marche, "lots")):
            yield ("marches", at, "lots", rank), lot


def _holders(document: Any) -> Iterator[tuple[Pointer, Part]]:
    for pointer, lot in _lots(document):
        for rank, holder in enumerate(items(lot, "titulaires")):
            yield (*pointer, "titulaires", rank), holder


def _texts(parent: Part, name: str) -> Iterator[tuple[int, str]]:
    value = parent.get(name)
    if type(value) is list:
        yield from ((rank, one) for rank, one in enumerate(value) if isinstance(one, str))
