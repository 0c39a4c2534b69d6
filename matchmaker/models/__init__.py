"""Tables, one file per noun; usable without Flask."""

from matchmaker.models.base import Base, utc_now
from matchmaker.models.desk import AuditEntry, Notice, Review
from matchmaker.models.engagement import Engagement, EngagementMove
from matchmaker.models.index import Embedding, IndexModel, IndexTask
from matchmaker.models.job import JobRun
from matchmaker.models.learning import ModelVersion
from matchmaker.models.match import Judgement, Match, MatchRun
from matchmaker.models.match_run_item import MatchRunItem
from matchmaker.models.member import Member
from matchmaker.models.need import Need, NeedTag, RequirementRow
from matchmaker.models.need_group import NeedGroup, NeedGroupPlace
from matchmaker.models.newcomer import NewcomerFloor
from matchmaker.models.organisation import Contact, Expert, Organisation, OrganisationTag
from matchmaker.models.relation import Relation
from matchmaker.models.round import Meeting, Round, RoundAbsence, RoundFix, RoundRun
from matchmaker.models.session import SignInTry, WebSession
from matchmaker.models.solution import PerformanceRow, Solution, SolutionTag
from matchmaker.models.term import Counter, Term

__all__ = [
    "AuditEntry",
    "Base",
    "Contact",
    "Counter",
    "Embedding",
    "Engagement",
    "EngagementMove",
    "Expert",
    "IndexModel",
    "IndexTask",
    "JobRun",
    "Judgement",
    "Match",
    "MatchRun",
    "MatchRunItem",
    "Meeting",
    "Member",
    "ModelVersion",
    "Need",
    "NeedGroup",
    "NeedGroupPlace",
    "NeedTag",
    "NewcomerFloor",
    "Notice",
    "Organisation",
    "OrganisationTag",
    "PerformanceRow",
    "Relation",
    "RequirementRow",
    "Review",
    "Round",
    "RoundAbsence",
    "RoundFix",
    "RoundRun",
    "SignInTry",
    "Solution",
    "SolutionTag",
    "Term",
    "WebSession",
    "utc_now",
]
