"""Makes matchmaker/search/means.json: mean vectors by language and role from bilingual titles.

Run after a change of model or prefixes: python benchmarks/make_means.py
The texts are the titles and summaries that the demo records carry in both languages, and the
bilingual labels of the vocabularies.
"""

import csv
import json
import tomllib
from pathlib import Path

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
    means = languages.fitted(query, document)
    row = {
        "query": {k: [round(float(x), 6) for x in v] for k, v in means.query.items()},
        "document": {k: [round(float(x), 6) for x in v] for k, v in means.document.items()},
        "slope": means.slope,
        "offset": means.offset,
    }
    languages.SHIPPED.write_text(json.dumps({encoder.fingerprint: row}) + "\n", "utf-8")
    print(f"{len(both)} pairs, slope {means.slope}, offset {means.offset}")


if __name__ == "__main__":
    main()
