"""Why a simulated GEF refuses a message or one of its lines: its code and a French sentence ("hypothèse")."""

from __future__ import annotations

from decimal import Decimal

from mock_partners.gef.documents import MARCHE_KINDS, Document, marche_of, numbers_of
from mock_partners.gef.state import Held, Marche, State

Refusal = tuple[str, str]
"""Code and French sentence."""

LATE_SUPPLIER: Refusal = ("TIERS_INCONNU", "En attente référentiel : le tiers {tiers} n'existe pas encore.")
BEHIND: Refusal = ("MARCHE_EN_ATTENTE", "En attente référentiel : un message précédent du marché attend un tiers.")
UNREADABLE = "FICHIER_INVALIDE"
OTHER_BODY: Refusal = ("CLE_REUTILISEE", "Cette clé d'idempotence a déjà servi à un autre contenu.")


def unknown_supplier(identifier: str) -> Refusal:
    """The supplier is not a tiers of this GEF."""
    return "TIERS_INCONNU", f"Le tiers {identifier} n'existe pas : créez-le puis renvoyez le message."


def unknown_unit(code: str, finess: str) -> Refusal:
    """The UF is not one of the hospital's, or it is closed."""
    return "UF_INCONNUE", f"L'UF {code} n'existe pas dans l'établissement {finess}."


def closed_account(number: str) -> Refusal:
    """The account is open in no year and no budget."""
    return "COMPTE_INCONNU", f"Le compte {number} n'est pas ouvert."


def of_version(state: State) -> Refusal | None:
    """Refuses everything when the installed version has no programming interface for the flow."""
    minimum = state.versionMinimum
    if minimum is None or numbers_of(state.version) >= numbers_of(minimum):
        return None
    said = f"Version installée {state.version}, version minimale {minimum} : montez de version ou passez par fichier."
    return "VERSION_INCOMPATIBLE", said


def of_message(state: State, message: Document) -> Refusal | None:
    """What bars a whole message."""
    if not state.knows_hospital(message["etablissement"]):
        return "ETABLISSEMENT_INCONNU", f"L'établissement {message['etablissement']} n'est pas géré par cette GEF."
    kind, number = message["typeMessage"], marche_of(message)
    if number is None:
        return None
    known = state.marches.get(number)
    if kind == "marche":
        waiting = (one.document for one in waiting_for(state, number))
        held = any(one["typeMessage"] == "marche" and one["idMessage"] != message["idMessage"] for one in waiting)
        if held or (known is not None and known.cree_par != message["idMessage"]):
            return "DOUBLON_MARCHE", f"Le marché {number} existe déjà : envoyez une modification."
    elif known is None:
        return "MARCHE_INCONNU", f"Le marché {number} n'existe pas : envoyez-le d'abord."
    if kind == "modification" and known is not None:
        refused = _out_of_sequence(state, message, known)
        if refused is not None:
            return refused
    return wrong_amount(message) if kind in MARCHE_KINDS else _wrong_lot(message, known)


def wrong_amount(message: Document) -> Refusal | None:
    """A marché is worth something, and its lines make its amount when each has its share."""
    whole = Decimal(message["marche"]["montantHT"])
    if whole <= 0:
        return "MONTANT_INVALIDE", "Le montant du marché doit être supérieur à zéro."
    shares = [line.get("montantHT") for line in message["imputations"]]
    total = sum((Decimal(share) for share in shares if share is not None), Decimal(0))
    if total > whole or (None not in shares and total != whole):
        return "MONTANT_INVALIDE", f"La somme des lignes est {total}, le marché est de {whole}."
    return None


def of_line(state: State, finess: str, line: Document) -> Refusal | None:
    """What bars one imputation."""
    supplier = line["titulaire"]["id"]
    if state.controleTiers and state.supplier(supplier) is None:
        return unknown_supplier(supplier)
    if not state.knows_unit(line["uf"]):
        return unknown_unit(line["uf"], finess)
    return None if state.knows_account(line["compte"]) else closed_account(line["compte"])


def of_product(state: State, marche: Marche, line: Document) -> Refusal | None:
    """What bars one line of products."""
    supplier = line["fournisseur"]["id"]
    if state.controleTiers and state.supplier(supplier) is None:
        return unknown_supplier(supplier)
    if line["mouvement"] == "S":
        # What is to be gone may be gone already, and its period is over more often than not.
        return None
    if line["mouvement"] == "M" and product_key(line) not in marche.produits:
        said = f"Le produit {line['reference']} n'est pas au marché : envoyez-le en création."
        return "PRODUIT_INCONNU", said
    begins, ends = marche.etat["dateDebut"], marche.etat["dateFin"]
    # Dates AAAA-MM-JJ compare as texts.
    if line["dateDebut"] < begins or line.get("dateFin", line["dateDebut"]) > ends:
        said = f"Le produit {line['reference']} sort de la période du marché ({begins} au {ends})."
        return "PRODUIT_HORS_PERIODE", said
    return None


def waiting_for(state: State, marche: str) -> list[Held]:
    """Messages of one marché that wait for a supplier, in order."""
    return [held for held in state.attente if marche_of(held.document) == marche]


def product_key(line: Document) -> str:
    """What tells a product from the others of its marché: who sells it and under which reference."""
    return f"{line['fournisseur']['id']} {line['reference']}"


def _out_of_sequence(state: State, message: Document, known: Marche) -> Refusal | None:
    number = message["modification"]["numero"]
    last = known.modifications[-1] if known.modifications else 0
    # A message applied in part is judged again for its other lines: it stays in its place.
    if number > last or (number == last and message["idMessage"] in state.effets):
        return None
    return "MODIFICATION_HORS_SEQUENCE", f"La modification {number} arrive après la modification {last}."


def _wrong_lot(message: Document, known: Marche | None) -> Refusal | None:
    lot = message["produits"].get("lot")
    own = None if known is None else known.etat.get("lot", {}).get("numero")
    if lot is None or own is None or lot == own:
        return None
    return "LOT_INCONNU", f"Le marché {message['produits']['numeroMarche']} est le lot {own}, pas le lot {lot}."
