"""What the name of a column says: its words written out, and which of ours they fit."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from partner_analysis.cleaning.plain import plain
from partner_analysis.profile import list_profiles

STRONG: Final = 3.0
ALIAS: Final = 4.0
WEAK: Final = 1.5
GENERIC: Final = ("episode-list", "visit-list", "counts-only", "merged-patients")
SHORT: Final = {
    "acc": "account", "acct": "account", "addr": "address", "amt": "amount", "appt": "appointment",
    "apt": "appointment", "auth": "authorization", "cat": "category", "cd": "code",
    "chg": "charge", "cls": "class", "cmt": "comment", "dc": "discharge", "desc": "description",
    "diag": "diagnosis", "disch": "discharge", "dob": "birth date", "dos": "service date",
    "dt": "date", "dttm": "date", "dx": "diagnosis", "enc": "encounter", "eval": "evaluation",
    "fac": "facility", "fc": "financial class", "fin": "financial", "fname": "first name",
    "fu": "follow up", "hm": "home", "ic": "intake", "ie": "initial evaluation",
    "init": "initial", "ins": "insurance", "lname": "last name", "loc": "location",
    "mod": "modifier", "mrn": "patient number", "msg": "message", "nbr": "number", "nm": "name",
    "no": "number", "nr": "number", "num": "number", "ph": "phone", "prim": "primary",
    "proc": "procedure", "prov": "provider", "prv": "provider", "pt": "patient", "pts": "patients",
    "rec": "record", "recv": "received", "recvd": "received", "rcvd": "received",
    "ref": "referral", "refd": "referred", "rfl": "referral", "rslt": "result", "soc": "care start",
    "src": "source", "ssn": "social security number", "stat": "status", "sts": "status",
    "svc": "service", "tel": "phone", "tm": "time", "typ": "type", "upd": "updated",
    "id": "number", "ids": "number", "#": "number", "pat": "patient", "postcode": "postal code",
    "zipcode": "zip code", "icd10": "icd", "icd9": "icd", "cpt": "procedure code",
}  # fmt: skip
OTHERS: Final = "provider therapist physician doctor practitioner staff employee npi surgeon"
HARD: Final = {
    "patient": ("patient number", "client number", "chart number", "medical record",
                "person number", "patient account", "patient code", "customer number"),
    "case": ("case number", "episode number", "case", "episode"),
    "patient_name": ("patient name", "client name", "last name", "surname", "full name",
                     "first name", "family name", "patient last", "person name"),
    "birth_date": ("birth", "born", "birthday"),
    "age": ("age",),
    "sex": ("sex", "gender"),
    "zip": ("zip", "postal", "post code"),
    "received": ("referral date", "date referred", "referral received", "intake date",
                 "inquiry date", "lead date"),
    "created": ("created", "case date", "date opened", "case opened", "case start", "creation"),
    "evaluated": ("evaluation date", "evaluated", "evaluation", "first visit", "first appointment",
                  "initial visit", "initial assessment", "care start", "first seen",
                  "initial appointment", "first session"),
    "discharged": ("discharge date", "discharged", "discharge"),
    "status": ("status", "attendance", "outcome", "disposition"),
    "finalized": ("finalized", "finalised", "signed date", "note signed", "locked date"),
    "visited": ("visit date", "appointment date", "service date", "start time", "session date",
                "treatment date", "encounter date", "appointment time", "appointment start",
                "date seen", "start at", "starts at", "start date"),
    "visit_type": ("visit type", "appointment type", "service name", "treatment type",
                   "encounter type", "session type", "visit reason", "appointment reason"),
    "note_type": ("note type", "document type"),
    "procedure": ("procedure", "hcpcs", "billing code"),
    "charge": ("charge", "billed", "fee", "charges"),
    "clinic": ("clinic", "location", "facility", "site", "office", "branch"),
    "treatment_clinic": ("treatment clinic", "treating clinic", "primary clinic"),
    "source": ("referral source", "heard", "hear about", "find us", "found us", "referred by",
               "referrer", "marketing source", "lead source", "source name", "referral contact",
               "marketing referral", "referral description", "source description",
               "referring source", "how know"),
    "source_type": ("source type", "referral type", "source category", "referral category",
                    "source group", "referrer type", "source class"),
    "source_note": ("source note", "source notes", "source detail", "source details",
                    "referral note", "referral notes", "referral detail", "source comment",
                    "referral comment", "source other", "referral other"),
    "diagnosis": ("diagnosis", "icd", "diagnoses"),
    "region": ("body region", "body part", "injury area", "body area"),
    "payer": ("payer", "payor", "insurance", "insurer", "financial class", "funding",
              "coverage", "plan type"),
    "tag": ("tag", "tags"),
    "deleted": ("deleted",),
    "arrived": ("arrived", "checked in", "check in", "arrival"),
    "cancelled": ("cancelled", "canceled", "cancelled date"),
    "no_show": ("no show", "noshow", "not arrive", "missed"),
    "key": ("appointment number", "visit number", "charge number", "record number",
            "encounter number", "line number", "transaction number", "row number"),
    "modified": ("modified", "updated", "timestamp", "time stamp", "last changed"),
    "change": ("export flag", "change type"),
    "merged_into": ("surviving", "merged into", "kept number", "new number"),
    "unit": ("clinic", "location", "facility", "site", "office", "branch"),
    "date": ("week", "month", "period", "date", "quarter"),
    "count": ("new patient", "new patients", "evaluations", "new client", "new clients", "count",
              "initial evaluation", "new evaluation", "new cases", "starts"),
    "persona": ("persona", "service line", "patient type", "segment", "patient group"),
    "open_days": ("open days", "days open", "business days", "working days", "work days"),
    "open_slots": ("slots", "open slots", "capacity", "openings"),
    "patients": ("patients", "new patients", "clients", "new clients", "new patient",
                 "number patients", "patient count"),
    "cases": ("cases", "new cases", "referrals", "referral count", "case count"),
}  # fmt: skip
SOFT: Final = {
    "patient": ("patient", "client", "account", "chart"),
    "case": ("referral number",),
    "patient_name": ("name", "patient", "client"),
    "received": ("received", "referral", "referred"),
    "created": ("entered", "registered", "opened", "added", "registration"),
    "evaluated": ("initial", "first date", "assessment"),
    "discharged": ("closed", "case end", "end date"),
    "status": ("stage", "state"),
    "finalized": ("signed", "posted"),
    "visited": ("date", "visit", "appointment", "start", "session"),
    "visit_type": ("type", "service", "treatment", "appointment", "reason"),
    "charge": ("amount", "price"),
    "clinic": ("practice", "center", "centre", "department", "provider location"),
    "source": ("source", "referring", "referral", "marketing", "campaign", "referred", "lead"),
    "source_type": ("category", "channel", "type"),
    "diagnosis": ("condition", "problem", "injury", "complaint"),
    "region": ("region", "condition", "body", "complaint", "injury"),
    "payer": ("plan", "carrier", "class"),
    "tag": ("label", "program"),
    "deleted": ("archived", "inactive"),
    "key": ("number", "record"),
    "unit": ("practice", "center", "centre", "department"),
    "count": ("new", "patients", "number", "total"),
    "persona": ("kind", "program", "category", "line", "type"),
    "open_days": ("days", "workdays"),
    "patients": ("count", "number", "patient", "total", "new"),
    "cases": ("referral", "case"),
}  # fmt: skip
EVENT: Final = "visit appointment service discharge birth referral evaluation created"
UNLESS: Final = {
    "patient": f"new name first last birth zip phone type status source date balance {OTHERS}",
    "case": f"date manager status type clinic closed notes {OTHERS}",
    "patient_name": f"clinic location facility service source insurance plan payer number contact "
    f"referral referring emergency user company partner type status {OTHERS}",
    "birth_date": "place country",
    "received": f"type source status number {OTHERS} name contact category notes reason",
    "created": "by user",
    "evaluated": "status type clinic location number by count slots evaluations",
    "discharged": "reason status type by disposition",
    "status": "marital employment date insurance account payment claim smoking",
    "visited": f"{EVENT.replace('visit appointment service', 'end')} created updated posted "
    "end type status number modified case last next paid payment injury onset surgery reason",
    "visit_type": "insurance source referral note plan date time status number payer location case",
    "charge": "number code date paid",
    "clinic": "date type status phone slots days",
    "treatment_clinic": "date",
    "source": "type category date number status npi phone note notes detail details group "
    "fax received",
    "source_type": "date insurance visit appointment note plan patient",
    "source_note": "date",
    "diagnosis": "date",
    "payer": "number member policy group date phone amount paid",
    "age": "group",
    "key": f"patient client case phone account policy {OTHERS} zip post new",
    "cancelled": "reason by",
    "arrived": "not",
    "deleted": "by",
    "unit": "days slots",
    "date": "created updated birth",
    "count": "days slots returning percent % average",
    "open_slots": "filled used",
    "patients": "returning percent % revenue average",
    "cases": "percent % source type",
}
UNREAD: Final = {
    "social": "a social security number", "security": "a social security number",
    "phone": "a telephone number", "mobile": "a telephone number", "cell": "a telephone number",
    "telephone": "a telephone number", "fax": "a telephone number", "email": "an e-mail address",
    "mail": "an e-mail address", "address": "an address", "street": "an address",
    "alert": "a medical alert", "alerts": "medical alerts", "allergies": "medical facts",
    "medication": "medical facts", "medications": "medical facts", "notes": "free text",
    "note": "free text", "comment": "free text", "comments": "free text", "memo": "free text",
    "policy": "an insurance number", "subscriber": "an insurance number",
    "emergency": "another person", "guarantor": "another person", "spouse": "another person",
    "employer": "an employer", "passport": "an identity number", "license": "an identity number",
}  # fmt: skip


def words_of(header: str) -> tuple[str, ...]:
    """Words of a column's name, short forms written out.

    Examples
    --------
    >>> words_of("PT_ACCT_NO"), words_of("D.O.B."), words_of("startTime")
    (('patient', 'account', 'number'), ('birth', 'date'), ('start', 'time'))
    """
    text = re.sub(r"\b((?:[A-Za-z]\.){2,})", lambda m: m[0].replace(".", ""), header)
    if not re.search(r"[\s_]", text):
        text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    text = re.sub(r"(?i)\bd/c\b", "discharge", text)
    words = re.findall(r"[^\W\d_]+\d*|#|%|\d+", text.casefold().replace("_", " "))
    if words and words[0] == "#":
        words = [*words[1:], "#"]
    return tuple(word for short in words for word in SHORT.get(short, short).split())


def strength_of(header: str, ours: str) -> float:
    """How surely the name of a column is that of one of ours; 0 = says nothing of it."""
    if plain(header) in _aliases().get(ours, frozenset()):
        return ALIAS
    words = set(words_of(header))
    if words & set(UNLESS.get(ours, "").split()):
        return 0.0
    if any(words >= set(pattern.split()) for pattern in HARD.get(ours, ())):
        return STRONG
    if any(words >= set(pattern.split()) for pattern in SOFT.get(ours, ())):
        return WEAK
    return 0.0


def why_unread(header: str) -> str:
    """What a column seems to hold that is never read; "" where its name does not say so."""
    words = words_of(header)
    if strength_of(header, "source_note") or strength_of(header, "note_type"):
        return ""
    if strength_of(header, "finalized") or strength_of(header, "patient") >= STRONG:
        return ""
    return next((UNREAD[word] for word in words if word in UNREAD), "")


@lru_cache(maxsize=1)
def _aliases() -> dict[str, frozenset[str]]:
    """Names in the profiles that hold for any system, by ours."""
    known: dict[str, frozenset[str]] = {}
    for profile in list_profiles():
        if profile.name in GENERIC:
            for ours, names in profile.columns.items():
                known[ours] = known.get(ours, frozenset()) | {plain(name) for name in names}
    return known
