"""Events as an iCalendar stream (RFC 5545, names of RFC 7986) that calendar programs subscribe to.

A calendar without any event is still written: subscribers must see that it became empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from semaphore_hub.modules.planification.agenda.evenements import RAPPEL_JOURS, Evenement

MEDIA_TYPE = "text/calendar"
PRODID = "-//Semaphore Hub//Planification des achats//FR"
RELECTURE = timedelta(hours=1)
"""How often subscribers are asked to read again."""


def ecrire(nom: str, evenements: Sequence[Evenement], instant: datetime) -> bytes:
    """The calendar, UTF-8, lines of at most 75 octets ended by CRLF.

    Args:
        nom: what calendar programs call it.
        evenements: what it holds.
        instant: when it is written (DTSTAMP), aware.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", nom)
    calendar.add("x-wr-calname", nom)
    calendar.add("refresh-interval", RELECTURE, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for one in evenements:
        calendar.add_component(_event(one, instant))
    written: bytes = calendar.to_ical()
    return written


def _event(one: Evenement, instant: datetime) -> Event:
    event = Event()
    event.add("uid", one.uid)
    event.add("dtstamp", instant)
    event.add("sequence", one.sequence)
    event.add("dtstart", one.jour)
    event.add("summary", one.resume)
    event.add("description", one.description)
    event.add("status", one.statut)
    event.add("categories", list(one.categories))
    # A milestone does not make its reader busy.
    event.add("transp", "TRANSPARENT")
    if one.rappel:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", timedelta(days=-RAPPEL_JOURS))
        alarm.add("description", f"Dans {RAPPEL_JOURS} jours : {one.resume}")
        event.add_component(alarm)
    return event
