"""The forms of an organisation's own page and of its experts."""

from typing import Any

from wtforms import BooleanField

from matchmaker.domain.drafts import Contact, ExpertDraft, OrganisationDraft
from matchmaker.domain.errors import Problem
from matchmaker.domain.vocabulary import OrganisationKind, Ownership, RecordKind, Scheme, Size
from matchmaker.web.forms import choices
from matchmaker.web.forms.fields import (
    BlockField,
    ChoiceField,
    CodesField,
    CountField,
    LineField,
    RowsField,
    WordsField,
)
from matchmaker.web.forms.record import RecordForm, RowForm, row_label
from matchmaker.web.phrases import FIELDS, field_label

_TEXTS = (
    "name_vi", "name_en", "short_name", "tax_code", "park", "address", "website", "about_vi",
    "about_en",
)  # fmt: skip
_CODES = ("industries", "fields", "languages", "certificates")
#: Registered as firms, so each has a tax code of its own. A household business does not count:
#: its owner's personal number, of twelve digits, stands for one.
FIRMS = frozenset(
    {
        OrganisationKind.ENTERPRISE, OrganisationKind.STARTUP, OrganisationKind.ST_ENTERPRISE,
        OrganisationKind.COOPERATIVE,
    }
)  # fmt: skip


class ContactRow(RowForm):
    """One person to talk to."""

    always = frozenset({"consent", "languages"})

    name = LineField(row_label("contacts.name"))
    role = LineField(row_label("contacts.role"))
    email = LineField(row_label("contacts.email"))
    phone = LineField(row_label("contacts.phone"))
    languages = CodesField(row_label("contacts.languages"))
    consent = BooleanField(row_label("contacts.consent"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages.choices = choices.languages()

    def contact(self) -> Contact:
        return Contact(
            name=self.name.data or "",
            role=self.role.data or "",
            email=self.email.data or "",
            phone=self.phone.data or "",
            languages=tuple(self.languages.data or ()),
            consent=bool(self.consent.data),
        )


class OrganisationForm(RecordForm):
    """What an organisation says of itself; `draft` is what it says."""

    record_kind = RecordKind.ORGANISATION

    kind = ChoiceField(field_label("kind", RecordKind.ORGANISATION), of=OrganisationKind)
    name_vi = LineField(FIELDS["name_vi"])
    name_en = LineField(FIELDS["name_en"])
    short_name = LineField(FIELDS["short_name"])
    about_vi = BlockField(FIELDS["about_vi"])
    about_en = BlockField(FIELDS["about_en"])
    commune = ChoiceField(FIELDS["commune"])
    industries = CodesField(FIELDS["industries"])
    fields = CodesField(FIELDS["fields"])
    contacts = RowsField(ContactRow, FIELDS["contacts"], min_entries=1)
    capacity = CountField(FIELDS["capacity"])
    tax_code = LineField(FIELDS["tax_code"])
    ownership = ChoiceField(FIELDS["ownership"], of=Ownership, default=Ownership.DOMESTIC)
    country = ChoiceField(FIELDS["country"], default="VN")
    size = ChoiceField(FIELDS["size"], of=Size)
    park = LineField(FIELDS["park"])
    address = LineField(FIELDS["address"])
    website = LineField(FIELDS["website"])
    languages = CodesField(FIELDS["languages"])
    certificates = WordsField(FIELDS["certificates"])
    founded = CountField(FIELDS["founded"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices.optional(choices.of(OrganisationKind))
        self.commune.choices = choices.optional(choices.terms_of(Scheme.COMMUNE))
        self.industries.choices = choices.narrow_terms_of(Scheme.INDUSTRY)
        self.fields.choices = choices.narrow_terms_of(Scheme.FIELD)
        self.ownership.choices = choices.of(Ownership)
        self.country.choices = choices.terms_of(Scheme.COUNTRY)
        self.size.choices = choices.optional(choices.of(Size))
        self.languages.choices = choices.languages()

    @classmethod
    def of(cls, draft: OrganisationDraft, version: int) -> "OrganisationForm":
        """The form of an organisation as it stands."""
        values = vars(draft) | {"contacts": [vars(contact) for contact in draft.contacts]}
        return cls(formdata=None, data=values | {"version": str(version)})

    def draft(self) -> OrganisationDraft:
        """What was typed."""
        return OrganisationDraft(
            **self.texts(_TEXTS),
            **self.values(("kind", "size", "founded", "capacity")),
            **self.codes(_CODES),
            commune=self.commune.data or "",
            ownership=self.ownership.data or Ownership.DOMESTIC,
            country=self.country.data or "VN",
            contacts=tuple(entry.form.contact() for entry in self.used("contacts")),
        )

    @staticmethod
    def problems(draft: OrganisationDraft) -> list[Problem]:
        """What keeps a profile from being saved, before the records are asked."""
        unsaid = draft.kind in FIRMS and not draft.tax_code
        missing = [Problem("tax_code", "required")] if unsaid else []
        return [*draft.problems(complete=True), *missing]


class ExpertForm(RecordForm):
    """What a school says of one of its people."""

    record_kind = RecordKind.ORGANISATION

    name = LineField(FIELDS["name"])
    degree = LineField(FIELDS["degree"])
    topics = WordsField(FIELDS["topics"])
    techniques = WordsField(FIELDS["techniques"])
    languages = CodesField(FIELDS["languages"])
    days_per_month = CountField(FIELDS["days_per_month"])
    not_wanted = LineField(FIELDS["not_wanted"])
    orcid = LineField(FIELDS["orcid"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages.choices = choices.languages()

    @classmethod
    def of(cls, draft: ExpertDraft) -> "ExpertForm":
        return cls(formdata=None, data=vars(draft))

    def draft(self) -> ExpertDraft:
        """What was typed."""
        return ExpertDraft(
            **self.texts(("name", "degree", "orcid", "not_wanted")),
            **self.codes(("topics", "techniques", "languages")),
            days_per_month=self.days_per_month.data,
        )
