"""What stands in the files of the made-up practice: names, referral-source texts, settings."""

from __future__ import annotations

from typing import Final

# How a partner's name is written at the front desk; repeated lines are more frequent.
NAMING: Final = (
    *("{name}",) * 16,
    *("{misspelt}",) * 7,
    *("{alias}",) * 5,
    *("{upper}",) * 3,
    *("{lower}",) * 3,
    "  {name} ",
    "{name}.",
    "{hyphened}",
    "{spaced}",
    "{name}, LLC",
    "{name} #2 (downtown)",
    "{name} - {clinic}",
    "{name} - {clinic}",
    "{alias} per JD 3/4",
    "{name} per KM",
    "{name} (told to Kim at FD)",
    "{name}\u2019s event",
    "{name}\u00e2\u20ac\u2122s event",  # the same, decoded wrongly once
    "Google / {name}",
    "{name}, then website",
    "friend at {name}",
    "Facebook - {name} post",
    "Mike from {name}",
    "pt of Sarah's, {name}",
    "Ivy Faux DOB 4/2/61 sent by {name}",
)
NAMING_TWO: Final = ("{one} / {two}", "{one} and {two}", "{one} & {two}", "{one}; {two}")

# The rest: what is written where no partner is named, by the type chosen from the list.
OTHER_SOURCES: Final = (
    ("Physician", 54, ("Dr. Amara Vance", "VANCE, AMARA MD", "Dr Vance", "Dr. Tolliver",
     "TOLLIVER, RUTH DO", "Dr. Ruth Tolliver", "Coastal Orthopedics",
     "Coastal Ortho - Dr. A. Vance",
     "Dr. Piers Lindqvist", "dr lindqvist", "LINDQVIST, PIERS MD", "Bay Family Medicine")),
    ("Patient/Friend", 14, ("friend", "friend", "friend", "Friend", "WOM", "WOM", "family member",
     "former pt", "former pt", "Patient", "neighbor", "coworker", "husband was a pt")),
    ("Patient/Friend", 1, ("her sister, treated here", "met our PT at church", "neighbour of Kim",
     "mom of a former pt", "read about us in the Ledger", "saw us at the farmers market")),
    ("Internet", 11, ("Google", "google", "website", "Harborview website", "Facebook ad",
     "google maps", "Yelp", "Instagram")),
    ("Insurance", 7, ("insurance list", "BCBS directory", "Case manager", "adjuster")),
    ("Other", 4, ("other", "drive by", "Self", "sign out front", "mailer", "TBD", "?", "-")),
    ("(Unassigned)", 8, ("", "(Unassigned)", "", "n/a", "none", "(unassigned)")),
    ("Other", 2, ("Harbor Freight coupon", "Tidewater Hospital", "Forge Road Pharmacy",
     "Elm Street Dental", "Orchard Supply bulletin board", "Causeway Pharmacy",
     "Not Harbor Run Shop - saw FB ad", "gym", "running club", "community center", "my employer")),
)  # fmt: skip
PARTNER_TYPES: Final = (
    "Community Partner",
    "Community Partner",
    "Other",
    "Physician",
    "(Unassigned)",
)
RETURNING_TEXTS: Final = (
    *("returning pt",) * 5,
    *("Former Patient",) * 4,
    *("prev pt",) * 3,
    *("Dr. Amara Vance",) * 2,
    "self - came back",
    "returning pt - orig. Harbor Run",
)

# Nobody is called this.
FIRST_NAMES: Final = (
    "Ada", "Bea", "Cal", "Dot", "Eli", "Fay", "Gus", "Hal", "Ida", "Jem", "Kit", "Lou", "Mae",
    "Ned", "Ora", "Pip", "Quin", "Rue", "Sol", "Tess", "Una", "Viv", "Wes",
)  # fmt: skip
LAST_NAMES: Final = (
    "Faux", "Mock", "Fable", "Madeup", "Pretend", "Nemo", "Nobody", "Fictive", "Invent",
    "Pseudo", "Sham", "Figment", "Phantom", "Moniker", "Notreal", "Makebelieve", "Unreal",
    "Fibb", "Storey", "Novel",
)  # fmt: skip

GOALS: Final = (
    ("goal_id", "partnership_id", "persona", "measure", "target", "unit", "baseline",
     "window_months", "start_date", "counted", "clinics"),
    ("five-a-month", "harbor-run-shop", "runner", "rate", "5", "count", "", "3", "2024-02-19",
     "named", ""),
    ("runners-up-ten-percent", "harbor-run-shop", "runner", "mean", "10", "percent",
     "same months last year", "6", "2024-02-19", "all", ""),
    ("pilates-five-extra", "tidewater-pilates", "pregnancy", "mean", "5", "count", "", "3",
     "2024-05-13", "extra", ""),
    ("boatworks-ten-named", "kestrel-boatworks", "", "total", "10", "count", "", "12",
     "2025-06-02", "named", ""),
    ("pregnancy-eight-a-month", "tidewater-pilates", "pregnancy", "mean", "8", "count", "", "9",
     "2025-08-04", "all", ""),
    ("more-runners", "", "runner", "mean", "10", "percent", "seasonal expectation", "6",
     "2025-09-01", "", ""),
)  # fmt: skip

ACTIVITIES: Final = (
    ("partnership_id", "date", "kind", "own_cost", "staff_hours", "partner_share", "note"),
    ("harbor-run-shop", "2024-02-24", "event", "180", "6", "0.5", "gait screening evening"),
    ("harbor-run-shop", "2024-05-11", "sponsorship", "400", "3", "0.5", "spring 10K tent"),
    ("harbor-run-shop", "2024-09-14", "workshop", "60", "4", "0.5", "injury talk"),
    ("harbor-run-shop", "2025-03-22", "event", "180", "6", "0.5", "gait screening evening"),
    ("tidewater-pilates", "2024-05-18", "workshop", "90", "5", "0.4", "pelvic floor class"),
    ("tidewater-pilates", "2024-10-05", "workshop", "90", "5", "0.4", "pelvic floor class"),
    ("tidewater-pilates", "2025-04-12", "co-brand print", "240", "2", "0.5", "prenatal leaflet"),
    ("anvil-gym", "2024-04-06", "display", "300", "2", "0", "banner and cards at the desk"),
    ("anvil-gym", "2024-08-17", "event", "150", "8", "0.3", "lifting technique clinic"),
    ("anvil-gym", "2025-02-08", "display", "320", "2", "0", "new banner after the renaming"),
    ("causeway-runners", "2024-10-12", "sponsorship", "350", "4", "0", "autumn half marathon"),
    ("causeway-runners", "2025-05-03", "exhibit table", "120", "6", "0", "race expo"),
    ("elm-street-center", "2024-09-18", "workshop", "40", "6", "0.5", "fall prevention class"),
    ("elm-street-center", "2025-03-19", "workshop", "40", "6", "0.5", "fall prevention class"),
    ("orchard-physicians", "2024-02-07", "staff visit", "0", "3", "0", "care pathway meeting"),
    ("orchard-physicians", "2024-11-13", "staff visit", "0", "3", "0", "care pathway meeting"),
    ("handwell-ot", "2025-10-21", "staff visit", "0", "2", "0", "shared hand-therapy protocol"),
    ("kestrel-boatworks", "2024-12-04", "workshop", "75", "5", "0.5", "lifting safety on site"),
    ("kestrel-boatworks", "2025-06-11", "workshop", "75", "5", "0.5", "lifting safety on site"),
)  # fmt: skip

CANDIDATES: Final = (
    ("candidate_id", "name", "kind", "personas", "clinics", "values", "trust", "complementary",
     "reach", "willingness", "benefit", "we_give", "they_give", "shared_goals", "provider"),
    ("bay-cyclery", "Bay Street Cyclery", "bicycle shop", "general", "Lakeview", "4", "3", "4", "3",
     "4", "bike-fit evenings with a therapist in the shop",
     "a therapist at four fitting evenings a year", "the shop floor and its newsletter",
     "people who ride for years without pain", "no"),
    ("lakeview-high", "Lakeview High School", "school", "general", "Lakeview;Hillcrest", "5", "4",
     "3", "", "", "injury-prevention lessons for coaches", "two lessons for coaches each season",
     "a room and a place in the coaches' handbook", "fewer injuries in young teams", "no"),
    ("stillwater-yoga", "Stillwater Yoga", "yoga studio", "pregnancy;older adult", "Eastgate", "4",
     "", "5", "3", "3", "a class for sore backs that its teachers need not carry alone",
     "a therapist in one class a month", "mats, a room and a place on its timetable",
     "moving well at every age", "no"),
    ("granite-foundry", "Granite Street Foundry", "employer", "work injury", "Millbrook", "3", "3",
     "", "4", "2", "lifting training on site", "training on site twice a year",
     "paid working time for the training", "a safe return to work", "no"),
    ("cove-family", "Cove Family Medicine", "physician group", "general", "Dockside", "4", "4", "5",
     "5", "4", "reports that arrive within two days", "a report after each evaluation",
     "a named contact for urgent questions", "one plan that patient, doctor and therapist share",
     "yes"),
)  # fmt: skip

PRACTICE_TOML: Final = """\
# The demo practice. Everything about it is made up. Paths are relative to this file.

[practice]
slug = "demo"                       # folder name under data/processed and reports
name = "Harborview Physical Therapy"
made_up = true                      # every page says in red that the data are made up
period = "week"                     # "week" or "month"
week_starts = "monday"
audience = "practice"               # reports stay inside the practice
level = 0.95                        # of all intervals

[definitions]
new_patient = "first evaluation"    # "first evaluation", "new episode" or "case created"
reopen_gap_days = 90                # a case re-opened within this gap is the same episode
complete_days = 21                  # periods that end in the last so many days are incomplete

[[exports]]
profile = "webpt-referrals"         # of partner_analysis/profiles: what the export is called
files = "data/raw/demo/referrals-*.csv"
date_format = "%m/%d/%Y"
missing = ["(Unassigned)", "N/A"]   # besides the usual ones

[exports.columns]                   # ours = theirs
patient = "Patient ID"
case = "Case ID"
patient_name = "Patient Name"       # named here so that it is dropped at the door
birth_date = "Date of Birth"        # only an age band survives
received = "Referral Received Date"
created = "Case Created Date"
evaluated = "Initial Evaluation Date"
status = "IE Status"                # Finalized, Scheduled, Cancelled, No Show
discharged = "Discharge Date"
clinic = "Initial Evaluation Clinic"
treatment_clinic = "Primary Treatment Clinic"
source_type = "Referral Source"     # the type chosen from a list
source = "Referral Contact"         # the text that is matched to partners
diagnosis = "Referred Diagnosis"    # ICD-10
payer = "Insurance Type"
visits = "Visits"                   # these five say how care went; all may be left out
planned_visits = "Planned Visits"
outcome_change = "Functional Score Change"
recommend = "Likelihood to Recommend"   # 0 to 10
first_time = "First Time in PT"     # yes or no
zip = "ZIP"                         # only its first three digits are kept

[tables]
partnerships = "data/raw/demo/partnerships.csv"
aliases = "data/raw/demo/aliases.csv"
clinics = "data/raw/demo/clinics.csv"
goals = "data/raw/demo/goals.csv"
activities = "data/raw/demo/activities.csv"
flows = "data/raw/demo/flows.csv"
candidates = "data/raw/demo/candidates.csv"
areas = "data/raw/demo/areas.csv"

[values]                            # what the practice stands for, in its own words
ours = ["seen within two days", "moving well at every age", "one plan for each patient"]

[money]                             # in dollars; nothing of a provider is ever priced
hourly_rate = 45                    # what an hour of staff time costs, all included
value_per_patient = 220             # what a new patient leaves in all, after the costs of care

[reports]                           # a report goes only if it is beyond both
keep = 60                           # so many of the newest stay
keep_days = 400                     # and all of so many days of data

# [notify]                          # whom to tell after a run; see data/README.md
# on = "failure"                    # "failure", "change" or "always"
# mail = "owner@example.org"        # or command = ["/usr/local/bin/tell-us"]

# The first rule that fits wins; a patient whom none fits is "general".
[[personas]]
name = "pregnancy"
diagnosis_prefix = ["O26", "O99"]

[[personas]]
name = "work injury"
payer = ["Workers Comp", "WCOMP"]

[[personas]]
name = "runner"
diagnosis_prefix = ["M76", "S86", "M72.2", "M22.2"]

[[personas]]
name = "older adult"
min_age = 65
"""
