"""What the columns of made-up exports mean: written before any rule of `map` was.

A column may be one of several of ours where people would differ; those not named are not read.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

SAMPLES: Final = Path(__file__).with_name("samples")
UNKNOWN: Final = Path(__file__).with_name("unknown")


@dataclass(frozen=True)
class Truth:
    """A file, its kind, and which of ours each of its columns may be; "" = may be left out."""

    path: Path
    kind: str
    columns: dict[str, tuple[str, ...]]
    profile: str = ""
    says: dict[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.path.stem


def of(path: Path, kind: str, columns: str, profile: str = "", **says: object) -> Truth:
    """Truth from lines ``ours|ours = theirs``."""
    pairs = [line.strip().split(" = ", 1) for line in columns.strip().splitlines()]
    meant = {theirs: tuple(ours.split("|")) for ours, theirs in pairs}
    return Truth(path, kind, meant, profile, says)


UNKNOWN_TRUTHS: Final = [
    of(UNKNOWN / "european.csv", "referrals", """
       patient = Patient No
       patient_name = Surname
       birth_date = D.O.B.
       sex = Gender
       zip = Postcode
       received = Date referred
       evaluated = First appointment
       discharged = Discharged on
       clinic = Site
       source = How did you find us
       region|diagnosis = Condition
       payer = Funding
    """, date_format="%d.%m.%Y"),
    of(UNKNOWN / "emr-cryptic.csv", "referrals", """
       patient = PT_ACCT_NO
       birth_date = PT_DOB
       sex = SEX_CD
       zip = PT_ZIP_CD
       case = CASE_NBR
       received = REF_RECV_DT
       evaluated = EVAL_DT
       discharged = DC_DT
       status = CASE_STS
       clinic = PRV_LOC
       source_type = REF_SRC_TYP
       source = REF_SRC_DESC
       diagnosis = PRIM_DX_CD
       payer = FIN_CLS_DESC
       modified| = LAST_UPD_DTTM
    """, date_format="%m/%d/%Y"),
    of(UNKNOWN / "two-titles.csv", "visits", """
       patient = Account #
       patient_name = Patient
       visited = Visit Date
       visit_type = Visit Type
       status = Visit Status
       clinic = Facility
       payer = Primary Insurance
       source = Referred By
    """, date_format="%m/%d/%y"),
    of(UNKNOWN / "mixed-case.csv", "referrals", """
       patient = pAtIeNt Id
       case = CASE id
       patient_name = patient NAME
       received = Referral RECEIVED
       evaluated = initial EVAL date
       status = eval STATUS
       clinic = CliniC NAME
       source|source_type = ReferralSource
       source_note|source = Referral Source Notes
       diagnosis = Primary ICD
       payer = insurance PLAN type
       age = Age
    """, date_format="%Y-%m-%d"),
    of(UNKNOWN / "monthly-counts.csv", "counts", """
       unit = Office
       date = Month Ending
       persona = Service Line
       count = # New Evals
       open_days = Business Days
       open_slots = Eval Slots
    """, date_format="%m/%d/%Y", date_is="ends"),
    of(UNKNOWN / "billing-cpt.csv", "visits", """
       patient = Acct
       patient_name = Pt Last Name
       visited = Date Of Svc
       procedure = CPT Code
       charge = Billed Amt
       clinic = Service Location
       payer = Payor Class
       diagnosis = ICD10-1
       finalized| = Posted
       key| = Rec No
    """, date_format="%m/%d/%Y"),
    of(UNKNOWN / "demographics.csv", "patients", """
       patient = MRN
       patient_name| = First Name
       patient_name| = Last Name
       birth_date = Date of Birth
       sex = Legal Sex
       zip = Zip
       source = How Heard About Us
       payer = Primary Payer
    """, date_format="%m/%d/%Y"),
    of(UNKNOWN / "source-tally.csv", "tallies", """
       source = Source
       source_type = Category
       patients = # New Patients
    """),
    of(UNKNOWN / "scheduler-utc.csv", "visits", """
       key| = appointmentId
       patient = clientId
       patient_name = clientName
       visited = startTime
       visit_type = serviceName
       clinic = locationName
       status = attendance
       cancelled = isCancelled
       source = referralSource
       modified| = createdAt
    """, date_format="%Y-%m-%dT%H:%M:%SZ", time_zone="UTC"),
]  # fmt: skip

SAMPLE_TRUTHS: Final = [
    of(SAMPLES / "counts-only.csv", "counts", """
       unit = clinic
       date = week
       count = new_patients
       persona = persona
    """, "counts-only"),
    of(SAMPLES / "episode-list.csv", "referrals", """
       patient = patient_id
       clinic = clinic
       received = Referral Date
       evaluated = Evaluation Date
       source = How did you hear about us?
       region = Body Region
       tag = Tags
       zip = ZIP
    """, "episode-list"),
    of(SAMPLES / "jane-appointments.csv", "visits", """
       patient = Patient Number
       visited = Start At
       clinic = Location
       visit_type = Treatment
       status = State
       source = How did you hear about us
    """, "jane-appointments"),
    of(SAMPLES / "jane-patients.csv", "patients", """
       patient = Patient Number
       birth_date = Birth Date
       zip = Postal Code
    """),
    of(SAMPLES / "jane-referrals.csv", "tallies", """
       source = Referral Source
       patients = Number of Patients
    """, "jane-referrals"),
    of(SAMPLES / "merged-patients.csv", "patients", """
       patient = old_id
       merged_into = new_id
    """, "merged-patients"),
    of(SAMPLES / "nookal-referrers.csv", "tallies", """
       source = Referrer
       source_type = Type
       patients = New Clients
       cases = New Clases
    """, "nookal-referrers"),
    of(SAMPLES / "nookal-values.csv", "tallies", """
       source = (title above the table)
       patients = New Client
    """, "nookal-values"),
    of(SAMPLES / "visit-list.txt", "visits", """
       visited = Visit Date
       patient = Patient ID
       clinic = Location
       status = Appointment Status
       visit_type = Visit Type
       charge = Charge
    """, "visit-list", date_format="%m/%d/%Y"),
    of(SAMPLES / "webpt-extract-appointments.csv", "visits", """
       change = export_flag
       key = appointmnet_id
       visited = start_date
       arrived = check_in_time
       visit_type = appointment_type
       clinic = clinic_id
       case = case_id
       patient = patient_id
       status = appointment_status
       modified = time_stamp
    """, "webpt-extract-appointments"),
    of(SAMPLES / "webpt-extract-charges.csv", "visits", """
       key = record_pointer
       change = export_flag
       visited = visit_date
       procedure = cpt
       clinic = clinic_id
       patient = patient_id
       case = case_id
       payer = insurance_type_id
       charge = charge_amount
       note_type = note_type
       finalized = note_finalized_date
       modified = modified_date
    """, "webpt-extract-charges"),
    of(SAMPLES / "webpt-referrals-by-clinic.csv", "tallies", """
       source_type = Referral Source
       source = Referral Contact
       clinic = Clinic
       cases = Referrals
    """, "webpt-referrals-by-clinic"),
    of(SAMPLES / "webpt-referrals.csv", "referrals", """
       patient = Patient ID
       case = Case
       received = Referral Received Date
       created = Created
       evaluated = Evaluated
       clinic = Initial Evaluation Clinic
       treatment_clinic = Primary Treatment Clinic
       source_type = Referral Source
       source = Referral Contact
    """, "webpt-referrals"),
]  # fmt: skip

FRESH: Final = Path(__file__).with_name("fresh")
FRESH_TRUTHS: Final = [
    of(FRESH / "guid-appointments.csv", "visits", """
       key| = id
       clinic = location_name
       visited = start_at
       patient = patient_guid
       patient = patient_number
       patient_name = patient_last_name
       patient_name| = patient_first_name
       visit_type = treatment_name
       status = state
       arrived| = arrived_at
       no_show| = no_show_at
       cancelled| = cancelled_at
       deleted| = archived_at
       source = referral_source
    """),
    of(FRESH / "guid-clients.csv", "patients", """
       patient = patient_guid
       patient = Patient Number
       patient_name| = First Name
       patient_name| = Last Name
       birth_date = Birth Date
       sex = Sex
       sex = Gender
       zip = Postal
       payer = Insurance Company Name
       source = Referral Source
    """),
    of(FRESH / "orthotics-report.csv", "visits", """
       patient = Patient ID
       patient_name = Patient Name
       sex = Gender
       birth_date = DOB
       zip = Patient Zip
       visited = Appt Date
       visit_type = Appt Type
       status = Status
       source| = Referring Physician
       diagnosis = Primary Dx Code
       clinic = Facility
       clinic = Location
       payer = Primary Insurance
       payer = Secondary Insurance
    """, date_format="%m/%d/%Y"),
    of(FRESH / "upper-scheduler.csv", "visits", """
       patient = CLIENT_ID
       key| = APPOINTMENT_ID
       patient_name| = LASTNAME
       patient_name| = FIRSTNAME
       visited = STARTTIME
       clinic = LOCATION
       visit_type = NAME
       status = STATUS
    """, date_format="%m/%d/%Y"),
    of(FRESH / "source-list.csv", "tallies", """
       source = Name
       source_type = Type
       source| = Organization
       cases = Total Referrals
       patients = Conversions
    """),
    of(FRESH / "lead-tracker.csv", "referrals", """
       patient = Lead
       received = Received
       status| = Stage
       status| = Reporting Category
       source_type = Referral Type
       source = Referral Source
       clinic = Office
       payer = Insurance
       evaluated| = Eval Scheduled For
    """, date_format="%b %d, %Y"),
    of(FRESH / "names-only.csv", "visits", """
       visited = Appointment Date
       patient_name| = Patient
       visit_type = Treatment
       status = Status
    """, date_format="%Y-%m-%d"),
    of(FRESH / "warehouse-referrals.csv", "referrals", """
       case| = REFERRAL_ID
       patient = PAT_ID
       created|received = ENTRY_DATE
       status = RFL_STATUS_C_NAME
       source_type| = RFL_TYPE_C_NAME
       source| = REFERRING_PROV_ID
       clinic = REFD_TO_LOC_ID
       clinic = PRIM_LOC_NAME
       discharged| = CLOSE_DATE
    """),
    of(FRESH / "weekly-kpis.csv", "counts", """
       date = Wk Beginning
       unit = Clinic Name
       count = New Pts
       open_days = Days Open
    """, date_format="%d/%m/%Y"),
    of(FRESH / "superbill.csv", "visits", """
       patient = Patient ID
       visited = Date of Service
       procedure = CPT Code
       charge = Charges
       source| = Referring Provider
    """, date_format="%Y-%m-%d"),
]  # fmt: skip

FRESH2: Final = Path(__file__).with_name("fresh2")
FRESH2_TRUTHS: Final = [
    of(FRESH2 / "practice-suite.csv", "visits", """
       patient = PATNO
       patient_name = PATNAME
       visited = APPTDT
       visit_type| = APPTCD
       visit_type = APPTDESC
       status = APPTSTAT
       clinic = LOCNM
       source = REFSRCNM
       payer = FINCLASS
    """, date_format="%m/%d/%Y"),
    of(FRESH2 / "billing-suite-appointments.csv", "visits", """
       patient = Patient ID
       patient_name = Patient Full Name
       birth_date = Patient Date Of Birth
       visited = Start Date
       visit_type = Appointment Reason
       status = Confirmation Status
       clinic = Service Location Name
       payer = Primary Insurance Company
       source = Referral Source
       source_type = Referral Source Category
    """, date_format="%m/%d/%Y"),
    of(FRESH2 / "studio-clients.csv", "patients", """
       patient = Client ID
       patient_name| = First Name
       patient_name| = Last Name
       birth_date = Birthday
       sex = Gender
       zip = Postal Code
       clinic| = Home Location
       source_type| = Referral Type
       source = Referred By
       evaluated| = First Visit Date
       status| = Client Status
    """),
    of(FRESH2 / "crm-leads.csv", "referrals", """
       patient = Lead ID
       patient_name| = First Name
       patient_name| = Last Name
       created|received = Create Date
       source|source_note = Lead Source Detail
       source_type|source = Lead Source
       status| = Lead Status
       evaluated = Evaluation Scheduled Date
       clinic = Preferred Clinic
       zip = Zip/Postal Code
       payer = Insurance Carrier
    """, date_format="%m/%d/%Y"),
    of(FRESH2 / "hospital-encounters.csv", "visits", """
       patient = PAT_MRN_ID
       key| = PAT_ENC_CSN_ID
       patient_name = PAT_NAME
       birth_date = BIRTH_DATE
       sex = SEX_C_NAME
       zip = PAT_ZIP
       visited = CONTACT_DATE
       visit_type = PRC_NAME
       status = APPT_STATUS_C_NAME
       clinic = DEPARTMENT_NAME
       source| = REFERRING_PROV_NAM
       case| = REFERRAL_ID
       payer = PAYOR_NAME
       arrived| = CHECKIN_DTTM
       diagnosis = PRIMARY_DX_CODE
    """),
    of(FRESH2 / "director-dashboard.csv", "counts", """
       date = Month Of
       unit = Clinic
       persona = Program
       count = IEs Completed
       open_days = Operating Days
       open_slots = Eval Capacity
    """),
]  # fmt: skip
