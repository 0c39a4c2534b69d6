"""How long the tests of faults go on, and the figures they leave.

By default they are short. FAULTS=full makes them as long as what is promised; with
`pytest -s` their figures are read as they come.
"""

import os

FULL = os.environ.get("FAULTS") == "full"


def tell(text: str) -> None:
    print(f"\n{text}", flush=True)  # noqa: T201 - what the long run is for
