"""What one process still lacks before it may be sent readers."""

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from embeddings import EmbeddingError
from matchmaker import migrations
from matchmaker.models.database import reading
from matchmaker.services.catalogue import Catalogue

DATABASE, SCHEMA, SHELVES, MODEL = "database", "schema", "shelves", "model"


def missing(engine: Engine, catalogue: Catalogue) -> list[str]:
    """The parts that are not ready, by name; none: the process may be asked.

    Nothing is written: changes are taken in from the rows, tasks are left to the worker.
    """
    try:
        at = migrations.current(engine)
    except SQLAlchemyError:
        return [DATABASE]
    if at != migrations.head():
        return [SCHEMA]
    lacking = []
    try:
        with reading(engine) as session:
            catalogue.take_in(session)
    except SQLAlchemyError:
        return [DATABASE]
    except EmbeddingError:
        lacking.append(SHELVES)
    try:
        catalogue.ask("sẵn sàng")  # kept after the first time: a probe encodes nothing
    except EmbeddingError:
        lacking.append(MODEL)
    return lacking
