"""The state of a simulated GEF at its creation: what the configuration gives, else a fictitious hospital's lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mock_partners.gef.state import Compte, State, Structure, Tiers
from mock_partners.kit import MockConfig

FINESS = "990780017"
"""A fictitious établissement: département 99 does not exist, its key is right."""

_UNITS = (
    ("1000", "Direction des achats et de la logistique", "Pôle ressources", "CR100"),
    ("2110", "Médecine polyvalente", "Pôle médecine", "CR210"),
    ("2140", "Réanimation", "Pôle urgences", "CR214"),
    ("3200", "Bloc opératoire", "Pôle chirurgie", "CR320"),
    ("4310", "Laboratoire de biologie médicale", "Pôle médico-technique", "CR431"),
    ("4400", "Pharmacie à usage intérieur", "Pôle médico-technique", "CR440"),
)
_ACCOUNTS = (
    ("6021", "Produits pharmaceutiques à caractère médical"),
    ("6022", "Fournitures, produits finis et petit matériel médical"),
    ("60612", "Énergie, électricité"),
    ("611", "Sous-traitance générale"),
    ("61558", "Entretien des autres matériels et outillages"),
    ("2184", "Matériel de bureau et matériel informatique"),
    ("231", "Immobilisations corporelles en cours"),
)
BUDGET = "H"


def opening(config: MockConfig, version: str, minimum: str | None) -> State:
    """The state at creation.

    Args:
        config: see ``mock_partners.gef.mock`` for the options that are read.
        version: installed version, unless the options say another.
        minimum: lowest version whose programming interface takes the flow, unless the options say another.

    Raises:
        ValueError: an option does not have the form it must have.
    """
    options = config.options
    own = str(options.get("etablissement", FINESS))
    year = config.clock.today().year
    units = options.get("structures", options.get("ufs"))
    accounts = options.get("comptes")
    known = config.known_suppliers
    state = State(
        version=str(options.get("version", version)),
        versionMinimum=options.get("versionMinimum", minimum),
        etablissement=own,
        etablissements=options.get("etablissements", [own] if "etablissement" in options else None),
        controleTiers=known is not None,
        controleUF=units is not None,
        controleComptes=accounts is not None,
        structures={one.codeUF: one for one in _structures(units, own)},
        comptes=list(_accounts(accounts, year)),
    )
    for identifier in sorted(known or ()):
        enter(state, {"typeIdentifiant": _kind_of(identifier), "id": identifier}, None)
    return state


def enter(state: State, operator: Mapping[str, Any], sheet: dict[str, Any] | None) -> Tiers:
    """Give a code to a supplier, or update it.

    Args:
        state: where it is entered.
        operator: ``typeIdentifiant``, ``id`` and, when known, ``denominationSociale``.
        sheet: what a message said of it, if a message did.
    """
    known = state.tiers.get(operator["id"])
    if known is None:
        known = state.tiers[operator["id"]] = Tiers(
            codeTiers=f"F{state.next_number('tiers'):06d}",
            typeIdentifiant=operator["typeIdentifiant"],
            id=operator["id"],
            denominationSociale=operator.get("denominationSociale", f"TIERS {operator['id']}"),
        )
    if sheet is not None:
        known.denominationSociale, known.fiche = sheet["denominationSociale"], sheet
    return known


def _structures(given: Iterable[Any] | None, finess: str) -> Iterable[Structure]:
    if given is None:
        given = (
            {"codeUF": code, "libelle": label, "pole": pole, "centreResponsabilite": centre}
            for code, label, pole, centre in _UNITS
        )
    for one in given:
        unit = {"codeUF": one, "libelle": f"Unité fonctionnelle {one}"} if isinstance(one, str) else one
        yield Structure.model_validate({"finessJuridique": finess, **unit})


def _accounts(given: Iterable[Any] | None, year: int) -> Iterable[Compte]:
    if given is None:
        given = ({"compte": number, "libelle": label} for number, label in _ACCOUNTS)
    for one in given:
        account = {"compte": one, "libelle": f"Compte {one}"} if isinstance(one, str) else one
        yield Compte.model_validate({"exercice": year, "budget": BUDGET, **account})


def _kind_of(identifier: str) -> str:
    return "SIRET" if len(identifier) == 14 and identifier.isdigit() else "HORS-UE"
