"""Makes matchmaker/search/means.json: mean vectors by language and role from bilingual titles.

Run after a change of model or prefixes: python benchmarks/make_means.py
The texts are the titles and summaries that the demo records carry in both languages, and the
bilingual labels of the vocabularies.
"""

import csv
import json
import tomllib
from pathlib import Path

import numpy as np

from embeddings import BundledEncoder, Role
from matchmaker.search import languages

HERE = Path(__file__).parent
SEED = HERE.parent / "seed_data"


def pairs() -> list[tuple[str, str]]:
    """(Vietnamese, English) texts that say the same."""
    found = []
    for path in sorted((SEED / "demo").glob("*.toml")):
        data = tomllib.loads(path.read_text("utf-8"))
        for record in [*data.get("need", []), *data.get("solution", [])]:
            other = record.get("translation", {})
            for name in ("title", "summary", "problem", "description"):
                if record.get(name) and other.get(name):
                    pair = (record[name], other[name])
                    found.append(pair if record["language"] == "vi" else pair[::-1])
        for organisation in data.get("organisation", []):
            if organisation.get("about_vi") and organisation.get("about_en"):
                found.append((organisation["about_vi"], organisation["about_en"]))
    for path in sorted((SEED / "vocabularies").glob("*.csv")):
        if path.stem in {"communes", "commune", "parks", "park", "country", "countries"}:
            continue
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                vi, en = row.get("label_vi", ""), row.get("label_en", "")
                if vi and en and vi != en:
                    found.append((vi, en))
    return found


def main() -> None:
    encoder = BundledEncoder(HERE.parent / "var")
    both = pairs()
    texts = {"vi": [vi for vi, _ in both], "en": [en for _, en in both]}
    query = {lang: encoder.encode(t, role=Role.QUERY) for lang, t in texts.items()}
    document = {lang: encoder.encode(t, role=Role.DOCUMENT) for lang, t in texts.items()}
    slope, offset = {}, {}
    for asked, answered in (("vi", "en"), ("en", "vi")):
        off = ~np.eye(len(both), dtype=bool)
        same = (query[asked] @ document[asked].T)[off]
        bare = languages.centred(query[asked], query[asked].mean(axis=0))
        other = languages.centred(document[answered], document[answered].mean(axis=0))
        cross = (bare @ other.T)[off]
        slope[asked] = float(same.std() / cross.std())
        offset[asked] = float(same.mean() - slope[asked] * cross.mean())
    row = {
        "query": {k: [round(float(x), 6) for x in v.mean(axis=0)] for k, v in query.items()},
        "document": {k: [round(float(x), 6) for x in v.mean(axis=0)] for k, v in document.items()},
        "slope": slope,
        "offset": offset,
    }
    target = HERE.parent / "matchmaker" / "search" / "means.json"
    target.write_text(json.dumps({encoder.fingerprint: row}) + "\n", "utf-8")
    print(f"{len(both)} pairs, slope {slope}, offset {offset}")


if __name__ == "__main__":
    main()
