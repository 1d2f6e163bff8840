"""The report of the indicators in a real browser: one printed page, nothing fetched, nothing that sticks out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.modules.indicateurs.demande import Demande
from semaphore_hub.modules.referentiel.familles import SYNTHETIQUES
from semaphore_hub.modules.referentiel.regions import REGIONS
from tests.modules.indicateurs import rangees
from tests.modules.world import embedded, events

__all__ = ["embedded", "events"]
pytestmark = pytest.mark.browser


def test_a_full_report_prints_on_one_page(embedded: Services, page: Page) -> None:
    families = [one.code for one in SYNTHETIQUES if one.niveau == "famille"]
    rangees.actions(
        embedded.database,
        *(
            {"region": region.sigle, "famille": family, "operateur": operator}
            for region in REGIONS
            for family, operator in zip(families, ("ght", "uniha", "resah", "ugap") * 3, strict=True)
        ),
    )
    rangees.objectifs(embedded.database, *({"region": region.sigle, "montant_cents": 1_000_000} for region in REGIONS))
    with embedded.database.read() as connection:
        html = embedded.editions.html(connection, LOCAL, Demande(annees=(2026,)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(html)
    assert asked == []
    assert page.locator("figure").count() == 4
    assert page.locator("figure").first.locator("tr").count() == len(REGIONS)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", printed)) == 1
