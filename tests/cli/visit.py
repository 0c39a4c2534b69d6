"""A process that reads all indexes first of all, then opens the officers' longest pages."""

import re
import sys

from sqlalchemy import select

from matchmaker.app import create_app
from matchmaker.cli.context import catalogue_for, ready, settings
from matchmaker.models import Need
from matchmaker.models.database import reading

#: It once died within the first few rounds; nothing in them is random but where things lie.
ROUNDS = 12


def main(password: str) -> None:
    chosen = settings()
    engine = ready(chosen)
    with reading(engine) as session:
        catalogue_for(chosen).catch_up(session)
        need = session.scalars(select(Need.public_id).order_by(Need.id)).first()
    client = create_app(chosen).test_client()
    form = client.get("/account/sign-in").text
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', form)[-1]
    account = {"csrf_token": token, "email": "curator@demo.example", "password": password}
    client.post("/account/sign-in", data=account)
    for page in ("/desk/newcomers", f"/desk/needs/{need}") * ROUNDS:
        answer = client.get(page)
        if answer.status_code != 200:
            raise SystemExit(f"{page}: {answer.status}")


if __name__ == "__main__":
    main(sys.argv[1])
