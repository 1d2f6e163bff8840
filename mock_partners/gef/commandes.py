"""The hospital orders on a marché, receives and pays: one order line, one reception, one mandat ("hypothèse")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from mock_partners.gef.documents import CENT, Document, euros
from mock_partners.gef.numeros import written
from mock_partners.gef.refusals import Refusal
from mock_partners.gef.state import IN_FORCE, Marche, State

_VAT = Decimal(20)
_USUAL_SHARE, _USUAL_QUANTITY = Decimal("0.10"), Decimal(10)
_QUANTITY = Decimal("0.001")


class Refused(Exception):
    """The GEF does not let the order through; ``refusal`` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal[1])
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; what is left out is chosen by the GEF.

    Attributes:
        numero: of the marché, as the GEF keeps it.
        montant: of the order, in euros HT.
        reference: of the product, among those of the marché.
        quantite: of the product, or of a service priced at ``montant / quantite``.
        uf, compte: the imputation, when it is not that of the marché.
        forme: how the number of the marché is written, see :mod:`mock_partners.gef.numeros`.
    """

    numero: str
    forme: str
    montant: Decimal | None = None
    reference: str | None = None
    quantite: Decimal | None = None
    uf: str | None = None
    compte: str | None = None


def order(state: State, wish: Wish, today: date) -> Document:
    """Order, receive and pay at once; the three lines are kept in the state and returned by name.

    Raises:
        Refused: unknown or closed marché, nothing left on it, unknown product, UF or account.
    """
    marche = state.marches.get(wish.numero)
    if marche is None:
        raise Refused(("MARCHE_INCONNU", f"Le marché {wish.numero} n'existe pas dans cette GEF."))
    if marche.statut != IN_FORCE or not marche.imputations:
        raise Refused(("MARCHE_CLOS", f"Le marché {wish.numero} est {marche.statut} : aucune commande possible."))
    imputation = marche.imputations[min(marche.imputations, key=int)]
    product = _product(marche, wish.reference)
    quantity, price = _priced(marche, imputation, product, wish)
    amount = (quantity * price).quantize(CENT, ROUND_HALF_UP)
    unit, account = wish.uf or imputation["uf"], wish.compte or imputation["compte"]
    _check(state, marche, amount, unit, account)
    rate = _VAT if product is None else Decimal(product["tauxTVA"])
    vat = (amount * rate / 100).quantize(CENT, ROUND_HALF_UP)
    number = written(marche, wish.forme)
    rank = state.next_number("commande")
    commande: Document = {
        "numeroCommande": f"C{today.year}-{rank:06d}",
        "ligneCommande": 1,
        "date": today.isoformat(),
        "uf": unit,
        "compte": account,
        "numeroMarche": number,
        **({"lot": marche.etat["lot"]["numero"]} if "lot" in marche.etat else {}),
        **({"reference": product["reference"]} if product is not None else {}),
        "libelle": (marche.etat["objet"] if product is None else product["libelle"])[:500],
        "quantite": _plain(quantity),
        "prixUnitaireHT": _plain(price),
        "montantHT": euros(amount),
        "montantTTC": euros(amount + vat),
    }
    reception: Document = {
        "numeroReception": f"R{today.year}-{rank:06d}",
        "ligneReception": 1,
        "numeroCommande": commande["numeroCommande"],
        "ligneCommande": 1,
        "date": today.isoformat(),
        "quantite": _plain(quantity),
    }
    supplier = imputation["titulaire"] if product is None else product["fournisseur"]
    mandat: Document = {
        "exercice": today.year,
        "numeroMandat": f"M{today.year}-{rank:06d}",
        "ligneMandat": 1,
        "date": today.isoformat(),
        "compte": account,
        "numeroMarche": number,
        "numeroCommande": commande["numeroCommande"],
        "fournisseur": {"typeIdentifiant": supplier["typeIdentifiant"], "id": supplier["id"]},
        "montantHT": euros(amount),
        "montantTVA": euros(vat),
        "montantTTC": euros(amount + vat),
    }
    state.commandes.append(commande)
    state.receptions.append(reception)
    state.mandats.append(mandat)
    marche.consommation.commande += amount
    marche.consommation.receptionne += amount
    marche.consommation.mandate += amount
    return {"commande": commande, "reception": reception, "mandat": mandat}


def _product(marche: Marche, reference: str | None) -> Document | None:
    if reference is None:
        return next(iter(marche.produits.values()), None)
    for product in marche.produits.values():
        if product["reference"] == reference:
            return product
    said = f"Le produit {reference} n'est pas au marché {marche.etat['numero']}."
    raise Refused(("PRODUIT_INCONNU", said))


def _priced(marche: Marche, imputation: Document, product: Document | None, wish: Wish) -> tuple[Decimal, Decimal]:
    """Quantity and unit price: those of the product, or one service for the amount."""
    price = Decimal(0) if product is None else Decimal(product["prixUnitaireHT"])
    if price:
        if wish.quantite is None and wish.montant is not None:
            return (wish.montant / price).quantize(_QUANTITY, ROUND_HALF_UP), price
        return wish.quantite or _USUAL_QUANTITY, price
    share = Decimal(imputation.get("montantHT") or marche.etat["montantHT"])
    amount = wish.montant if wish.montant is not None else (share * _USUAL_SHARE).quantize(CENT, ROUND_HALF_UP)
    quantity = wish.quantite or Decimal(1)
    return quantity, (amount / quantity).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def _check(state: State, marche: Marche, amount: Decimal, unit: str, account: str) -> None:
    number = marche.etat["numero"]
    left = Decimal(marche.etat["montantHT"]) - marche.consommation.commande
    if amount <= 0 or amount > left:
        said = f"La commande de {euros(amount)} € HT ne tient pas dans les {euros(left)} € restants de {number}."
        raise Refused(("MONTANT_INVALIDE", said))
    if not state.knows_unit(unit):
        raise Refused(("UF_INCONNUE", f"L'UF {unit} n'existe pas dans l'établissement {state.etablissement}."))
    if not state.knows_account(account):
        raise Refused(("COMPTE_INCONNU", f"Le compte {account} n'est pas ouvert."))


def _plain(number: Decimal) -> str:
    """Without exponent nor needless zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
