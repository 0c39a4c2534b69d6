"""The words of the house: one enumeration for each closed list that code decides on.

Open lists that change without a release (fields, industries, communes…) are data: see `Term`.
"""

from enum import IntEnum, StrEnum


class Language(StrEnum):
    VI = "vi"
    EN = "en"


class RecordKind(StrEnum):
    """What can be found, matched, reviewed and spoken of in notices."""

    ORGANISATION = "organisation"
    NEED = "need"
    SOLUTION = "solution"
    EXPERT = "expert"
    MATCH = "match"
    ENGAGEMENT = "engagement"
    MEMBER = "member"
    ROUND = "round"
    MEETING = "meeting"


class Role(StrEnum):
    MEMBER = "member"
    CURATOR = "curator"
    MANAGER = "manager"
    ADMIN = "admin"


class OrganisationKind(StrEnum):
    ENTERPRISE = "enterprise"
    UNIVERSITY = "university"
    COLLEGE = "college"
    INSTITUTE = "institute"
    TESTING_ORG = "testing_org"
    STARTUP = "startup"
    COOPERATIVE = "cooperative"
    ST_ENTERPRISE = "st_enterprise"
    HOUSEHOLD = "household"
    SUPPORT_CENTRE = "support_centre"
    PUBLIC_AGENCY = "public_agency"
    HOSPITAL = "hospital"


#: Kinds that employ experts and list capabilities.
SCHOOLS = frozenset(
    {
        OrganisationKind.UNIVERSITY,
        OrganisationKind.COLLEGE,
        OrganisationKind.INSTITUTE,
        OrganisationKind.TESTING_ORG,
    }
)


class OrganisationStatus(StrEnum):
    UNCLAIMED = "unclaimed"
    CLAIMED = "claimed"
    VERIFIED = "verified"
    STALE = "stale"
    SUSPENDED = "suspended"
    MERGED = "merged"
    ARCHIVED = "archived"


#: Organisations nobody but the staff may find, nor what they posted be suggested.
HIDDEN_ORGANISATIONS = frozenset(
    {OrganisationStatus.SUSPENDED, OrganisationStatus.MERGED, OrganisationStatus.ARCHIVED}
)


class RelationKind(StrEnum):
    """What the other organisation is to the one it is noted at."""

    PARENT = "parent"
    SAME_OWNER = "same_owner"
    ADVISER = "adviser"


class Verification(StrEnum):
    UNVERIFIED = "unverified"
    CONTACT_CHECKED = "contact_checked"
    DOCUMENT_CHECKED = "document_checked"
    ON_SITE = "on_site"


class Ownership(StrEnum):
    DOMESTIC = "domestic"
    STATE = "state"
    FDI = "fdi"


class Size(StrEnum):
    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class RecordStatus(StrEnum):
    """States of a need or a solution; each lifecycle uses its own part of the list."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    CHANGES_REQUESTED = "changes_requested"
    PUBLISHED = "published"
    IN_ENGAGEMENT = "in_engagement"
    PAUSED = "paused"
    RESOLVED = "resolved"
    UNMET = "unmet"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


#: What a visitor may find: everything else is for its owner and the staff.
LISTED = frozenset({RecordStatus.PUBLISHED, RecordStatus.IN_ENGAGEMENT})


class SolutionKind(StrEnum):
    TECHNOLOGY = "technology"
    EQUIPMENT = "equipment"
    PROCESS = "process"
    SOFTWARE_DATA = "software_data"
    SERVICE_TESTING = "service_testing"
    EXPERTISE = "expertise"
    FACILITY = "facility"
    RESEARCH_RESULT = "research_result"


class Help(StrEnum):
    """Kinds of help a need asks for."""

    READY_TECHNOLOGY = "ready_technology"
    ADAPTATION = "adaptation"
    RESEARCH = "research"
    TESTING = "testing"
    CONSULTING = "consulting"
    TRAINING = "training"
    EQUIPMENT = "equipment"


class Pillar(StrEnum):
    DIGITAL_GOVERNMENT = "digital_government"
    DIGITAL_ECONOMY = "digital_economy"
    DIGITAL_SOCIETY = "digital_society"


class Operator(StrEnum):
    AT_LEAST = ">="
    AT_MOST = "<="
    EQUAL = "="
    BETWEEN = "between"


class Scheme(StrEnum):
    """Code lists kept as terms in the database; a record's tags name scheme and code."""

    INDUSTRY = "industry"
    FIELD = "field"
    SDG = "sdg"
    COOPERATION = "cooperation"
    HELP = "help"
    IP_STATUS = "ip_status"
    TRANSFER_METHOD = "transfer_method"
    COMMUNE = "commune"
    PARK = "park"
    TRL = "trl"
    COUNTRY = "country"


class MatchState(StrEnum):
    SUGGESTED = "suggested"
    SHORTLISTED = "shortlisted"
    DISMISSED = "dismissed"
    PROPOSED = "proposed"
    BOTH_INTERESTED = "both_interested"
    DECLINED = "declined"
    LAPSED = "lapsed"
    INTRODUCED = "introduced"


#: What an offering side may know of: a suggestion is between the curator and the need's owner.
SHOWN_TO_OFFERING = frozenset(
    {
        MatchState.PROPOSED,
        MatchState.BOTH_INTERESTED,
        MatchState.DECLINED,
        MatchState.LAPSED,
        MatchState.INTRODUCED,
    }
)


class Placing(StrEnum):
    """Where staff want a match in its need's list, whatever the machine ranks."""

    RANKED = "ranked"
    PINNED = "pinned"
    HIDDEN = "hidden"


class Ruling(StrEnum):
    """What a person may say of a match: the curator first, then its two owners."""

    ADD = "add"
    SHORTLIST = "shortlist"
    DISMISS = "dismiss"
    PROPOSE = "propose"
    ACCEPT = "accept"
    DECLINE = "decline"
    RESTORE = "restore"
    PIN = "pin"
    UNPIN = "unpin"
    HIDE = "hide"
    UNHIDE = "unhide"


class Rule(StrEnum):
    """What keeps a need and a solution apart, whatever their texts say."""

    OWN_ORGANISATION = "own_organisation"
    RELATED_ORGANISATION = "related_organisation"
    EXCLUDED_BY_SOLUTION = "excluded_by_solution"
    EXCLUDED_BY_NEED = "excluded_by_need"
    NOT_LISTED = "not_listed"
    NOT_VISIBLE = "not_visible"
    CAPACITY_USED_UP = "capacity_used_up"


class FloorOutcome(StrEnum):
    """What became of a newcomer in a period."""

    SHOWN = "shown"
    PLACED = "placed"
    NO_NEED = "no_need"
    BLOCKED = "blocked"
    SET_ASIDE = "set_aside"
    TOO_WEAK = "too_weak"


class Side(StrEnum):
    NEED = "need"
    SOLUTION = "solution"
    STAFF = "staff"


class Reason(StrEnum):
    """Why the answer was no; one list for reviews, dismissals and declines."""

    TOO_EARLY = "too_early"
    BENEFIT_UNCLEAR = "benefit_unclear"
    ROUTE_UNCLEAR = "route_unclear"
    TOO_VAGUE = "too_vague"
    MISSES_MUST_HAVE = "misses_must_have"
    PRICE = "price"
    TIMING = "timing"
    CAPACITY = "capacity"
    TERMS = "terms"
    ALREADY_SOLVED = "already_solved"
    NOT_OUR_FIELD = "not_our_field"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    OTHER = "other"


class ReviewAction(StrEnum):
    PUBLISH = "publish"
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"


class Stage(StrEnum):
    """Where an engagement stands."""

    OPENED = "opened"
    IN_CONTACT = "in_contact"
    EXPLORING = "exploring"
    PROTECTING = "protecting"
    NEGOTIATING = "negotiating"
    AGREEMENT = "agreement"
    NO_AGREEMENT = "no_agreement"
    TRANSFERRED = "transferred"
    STALLED = "stalled"
    CLOSED = "closed"


class WaitingFor(StrEnum):
    NEED_OWNER = "need_owner"
    SOLUTION_OWNER = "solution_owner"
    OFFICER = "officer"


class Band(StrEnum):
    STRONG = "strong"
    PLAUSIBLE = "plausible"
    WEAK = "weak"


class IndexRole(StrEnum):
    """What the vectors of a model are for: those searched by, and those made to replace them."""

    SERVING = "serving"
    NEXT = "next"


class ModelKind(StrEnum):
    """What is learned from judgements, each kind with its own live version."""

    CALIBRATION = "calibration"
    WEIGHTS = "weights"
    ENCODER = "encoder"


class VersionState(StrEnum):
    CANDIDATE = "candidate"
    LIVE = "live"
    RETIRED = "retired"
    REFUSED = "refused"


class VersionReason(StrEnum):
    """Why a version is in the state it is in."""

    WON = "won"
    NO_GAIN = "no_gain"
    LOSES_PUBLIC = "loses_public"
    NOT_COMPARED = "not_compared"
    REPLACED = "replaced"
    REVERTED = "reverted"
    BROUGHT_BACK = "brought_back"


class RankChange(StrEnum):
    """How a solution's place changed from one run of a need to the next."""

    NEW = "new"
    UP = "up"
    DOWN = "down"
    BAND = "band"
    GONE = "gone"


class Level(IntEnum):
    """Disclosure: who may read a field. A higher level is read by fewer."""

    PUBLIC = 0
    MEMBERS = 1
    PARTIES = 2
    NDA = 3
    CURATORS = 4


class NoticeCode(StrEnum):
    RECORD_SUBMITTED = "record_submitted"
    RECORD_PUBLISHED = "record_published"
    CHANGES_REQUESTED = "changes_requested"
    RECORD_REJECTED = "record_rejected"
    MATCH_PROPOSED = "match_proposed"
    MATCH_ACCEPTED = "match_accepted"
    MATCH_DECLINED = "match_declined"
    INTRODUCED = "introduced"
    ENGAGEMENT_MOVED = "engagement_moved"
    NEED_SHARED = "need_shared"
    MEETING_PLANNED = "meeting_planned"
    MEETING_MOVED = "meeting_moved"
    MEETING_CANCELLED = "meeting_cancelled"


class RoundKind(StrEnum):
    """A batch of meetings on one day, or spread over several days of a quarter."""

    DAY = "day"
    QUARTER = "quarter"


class RoundState(StrEnum):
    DRAFT = "draft"
    PLANNED = "planned"
    PUBLISHED = "published"
    CLOSED = "closed"


class MeetingState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class Fix(StrEnum):
    """What a person fixed about a pair before planning; no plan undoes it."""

    PIN = "pin"
    FORBID = "forbid"


class PlanStatus(StrEnum):
    """How a planning run ended."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


class RoundRule(StrEnum):
    """What a plan has to keep, and what keeps a pair or a need out of it."""

    NEED_LEAST = "need_least"
    NEWCOMER = "newcomer"
    FLOOR = "floor"
    FORBIDDEN = "forbidden"
    DISMISSED = "dismissed"
    DECLINED = "declined"
    INTRODUCED = "introduced"
    NEED_MOST = "need_most"
    SOLUTION_MOST = "solution_most"
    CAPACITY = "capacity"
    ORGANISATION_MOST = "organisation_most"
    PRESENCE = "presence"
    APART = "apart"
    PLACES = "places"
    CLASH = "clash"
