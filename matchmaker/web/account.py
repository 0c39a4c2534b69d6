"""Signing in and out, and the language of the pages."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from matchmaker.domain.errors import SignInError, TooManyTriesError
from matchmaker.domain.vocabulary import Language
from matchmaker.extensions import csrf, db, transaction
from matchmaker.models import utc_now
from matchmaker.services import accounts
from matchmaker.web import current, phrases

bp = Blueprint("account", __name__, url_prefix="/account")


class SignInForm(FlaskForm):  # type: ignore[misc]
    email = StringField(
        lazy_gettext("Thư điện tử"),
        [InputRequired(lazy_gettext("Hãy nhập thư điện tử.")), Length(max=254)],
    )
    password = PasswordField(
        lazy_gettext("Mật khẩu"),
        [InputRequired(lazy_gettext("Hãy nhập mật khẩu.")), Length(max=accounts.PASSWORD_MAX)],
    )


@bp.get("/sign-in")
@bp.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Ask for e-mail and password; the answer never says which of them was wrong."""
    form = SignInForm()
    if request.method == "GET":
        return render_template("account/sign_in.html", form=form)
    if not form.validate():
        return render_template("account/sign_in.html", form=form), 422
    email, password = form.email.data or "", form.password.data or ""
    # Signing in writes on its own: what this request still holds must not shut it out.
    db.session.rollback()
    try:
        member = accounts.enter(
            db.engine, email, password, request.remote_addr or "", now=utc_now()
        )
    except (SignInError, TooManyTriesError) as error:
        form.form_errors.append(phrases.ERRORS[error.code])
        status = 429 if isinstance(error, TooManyTriesError) else 422
        return render_template("account/sign_in.html", form=form), status
    current.enter(member)
    flash(gettext("Xin chào %(name)s.", name=member.name), "success")
    return redirect(inside(request.args.get("next")) or url_for("work.index"), code=303)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    current.leave()
    flash(gettext("Bạn đã đăng xuất."), "info")
    return redirect(url_for("home.index"), code=303)


@bp.post("/language")
@csrf.exempt  # type: ignore[untyped-decorator]
def language() -> ResponseReturnValue:
    """Choose the language of the pages, and keep it for the next sign-in.

    Needs no token, so that pages for strangers need no session; another site's form is ignored.
    """
    chosen = request.form.get("value", "")
    elsewhere = request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
    if chosen in set(Language) and not elsewhere:
        session["language"] = chosen
        if current.viewer().is_member:
            with transaction():
                current.member().locale = Language(chosen)
    return redirect(inside(request.form.get("next")) or url_for("home.index"), code=303)


def inside(target: str | None) -> str | None:
    """A path of this site, or None: a link never leads out of it."""
    if not target or not target.startswith("/") or target[1:2] in {"/", "\\"}:
        return None
    if any(ord(c) < 33 or c == "\\" for c in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target
