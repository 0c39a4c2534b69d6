"""Forms that turn typed text into drafts; what is wrong is said at the fields."""

from matchmaker.web.forms.need import NeedForm
from matchmaker.web.forms.organisation import ExpertForm, OrganisationForm
from matchmaker.web.forms.record import RecordForm
from matchmaker.web.forms.solution import SolutionForm

__all__ = ["ExpertForm", "NeedForm", "OrganisationForm", "RecordForm", "SolutionForm"]
