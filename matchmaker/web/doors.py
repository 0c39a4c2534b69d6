"""One table says for every route and method who may call it.

A test compares it with the application's routes, so a route that is not listed fails the build;
at run time it is refused. Doors tell who may knock; which objects he then finds is decided by the
functions that fetch them.
"""

from collections.abc import Callable

from flask import Flask, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from matchmaker.config import Settings
from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.errors import NotAllowedError
from matchmaker.web import current, hosts

Door = Callable[[Viewer], bool]


def everyone(viewer: Viewer) -> bool:
    """Strangers too."""
    del viewer
    return True


def members(viewer: Viewer) -> bool:
    """Whoever has signed in."""
    return viewer.is_member


def owners(viewer: Viewer) -> bool:
    """Members of an organisation: those who can post."""
    return viewer.organisation_id is not None


def staff(viewer: Viewer) -> bool:
    """The department: curators, managers, administrators."""
    return viewer.is_staff


def managers(viewer: Viewer) -> bool:
    """Those who answer for the department's work and the machine it runs on."""
    return viewer.is_manager


def watchers(viewer: Viewer) -> bool:
    """Machines that watch: let in by the address they ask from, nobody by who he is."""
    del viewer
    return False


def curators(viewer: Viewer) -> bool:
    """Those who decide."""
    return viewer.is_curator


#: (endpoint, method) → door. GET stands for HEAD too; OPTIONS is answered by nobody.
POLICY: dict[tuple[str, str], Door] = {
    ("static", "GET"): everyone,
    ("bootstrap.static", "GET"): everyone,
    # for machines that watch
    ("health.lives", "GET"): everyone,
    ("health.ready", "GET"): everyone,
    ("metrics.read", "GET"): watchers,
    # home and finding
    ("home.index", "GET"): everyone,
    ("home.about", "GET"): everyone,
    ("search.index", "GET"): everyone,
    ("needs.show", "GET"): everyone,
    ("solutions.show", "GET"): everyone,
    ("organisations.show", "GET"): everyone,
    # accounts
    ("account.sign_in", "GET"): everyone,
    ("account.sign_in", "POST"): everyone,
    ("account.sign_out", "POST"): members,
    ("account.language", "POST"): everyone,
    # posting
    ("needs.new", "GET"): owners,
    ("needs.new", "POST"): owners,
    ("needs.edit", "GET"): owners,
    ("needs.edit", "POST"): owners,
    ("needs.send", "POST"): owners,
    ("needs.withdraw", "POST"): owners,
    ("needs.matches", "GET"): members,
    ("needs.alike", "GET"): owners,
    ("solutions.new", "GET"): owners,
    ("solutions.new", "POST"): owners,
    ("solutions.edit", "GET"): owners,
    ("solutions.edit", "POST"): owners,
    ("solutions.send", "POST"): owners,
    ("solutions.withdraw", "POST"): owners,
    ("solutions.pause", "POST"): owners,
    ("solutions.resume", "POST"): owners,
    ("solutions.matches", "GET"): members,
    ("solutions.alike", "GET"): owners,
    ("organisations.edit", "GET"): owners,
    ("organisations.edit", "POST"): owners,
    ("organisations.new_expert", "GET"): owners,
    ("organisations.new_expert", "POST"): owners,
    ("organisations.edit_expert", "GET"): owners,
    ("organisations.edit_expert", "POST"): owners,
    ("organisations.remove_expert", "POST"): owners,
    # my work
    ("work.index", "GET"): members,
    ("work.notices", "GET"): members,
    ("work.read_notices", "POST"): members,
    # matches and engagements: parties and staff, sorted out where they are fetched
    ("matches.show", "GET"): members,
    ("matches.answer", "POST"): owners,
    ("matches.judge", "POST"): curators,
    ("engagements.show", "GET"): members,
    ("engagements.move", "POST"): curators,
    # the desk
    ("desk.index", "GET"): staff,
    ("desk.reviews", "GET"): staff,
    ("desk.review", "GET"): staff,
    ("desk.review", "POST"): curators,
    ("desk.queue", "GET"): staff,
    ("desk.need", "GET"): staff,
    ("desk.refresh", "POST"): curators,
    # rounds of meetings: kept at the desk; owners read their own meetings
    ("rounds.index", "GET"): staff,
    ("rounds.new", "GET"): curators,
    ("rounds.new", "POST"): curators,
    ("rounds.show", "GET"): staff,
    ("rounds.edit", "GET"): curators,
    ("rounds.edit", "POST"): curators,
    ("rounds.plan", "POST"): curators,
    ("rounds.waive", "POST"): curators,
    ("rounds.fix", "POST"): curators,
    ("rounds.mark_absent", "POST"): curators,
    ("rounds.mark_present", "POST"): curators,
    ("rounds.publish", "POST"): curators,
    ("rounds.close", "POST"): curators,
    ("rounds.mark", "POST"): curators,
    ("moves.move", "GET"): curators,
    ("moves.move", "POST"): curators,
    ("rounds.agenda", "GET"): staff,
    ("rounds.calendar", "GET"): staff,
    ("rounds.workbook", "GET"): staff,
    ("meetings.agenda", "GET"): members,
    ("meetings.calendar", "GET"): members,
    ("learning.index", "GET"): staff,
    ("system.index", "GET"): managers,
    ("system.try_again", "POST"): managers,
    # needs with one problem
    ("need_groups.index", "GET"): staff,
    ("need_groups.make", "POST"): curators,
    ("need_groups.show", "GET"): staff,
    ("need_groups.leave", "POST"): curators,
    ("candidates.find", "GET"): curators,
    ("candidates.add", "POST"): curators,
    ("newcomers.index", "GET"): staff,
    ("relations.index", "GET"): staff,
    ("relations.add", "POST"): curators,
    ("relations.remove", "POST"): curators,
}


def register(app: Flask) -> None:
    @app.before_request
    def _knock() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None  # no such address, or not by this method: answered as such
        method = "GET" if request.method == "HEAD" else request.method
        door = POLICY.get((request.endpoint, method))
        if door is None:
            abort(405)
        if door is watchers:
            _watch(app)
            return None
        viewer = current.viewer()
        if door(viewer):
            return None
        if viewer.is_member:
            raise NotAllowedError(f"{method} {request.endpoint}")
        if method != "GET":
            abort(403)
        return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))


def _watch(app: Flask) -> None:
    settings: Settings = app.extensions["matchmaker.settings"]
    if not hosts.comes_from(request.remote_addr, settings):
        abort(403)
