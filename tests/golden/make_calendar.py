"""Public holidays by the Python package holidays.

    pip install holidays==0.109
    python tests/golden/make_calendar.py

Writes tests/golden/timeseries/holidays.json: for each country every day from 2008 to 2035 with its name, and whether it is a day on which the
holiday is kept instead of, or beside, its date.
"""

import json
import pathlib

import holidays

assert holidays.__version__ == "0.109"
COUNTRIES = {"colombia": ("CO", "es"), "spain": ("ES", "es"), "mexico": ("MX", "es"), "united_states": ("US", "en_US")}
LABELS = (" (observado)", " (observed)")


def days(code, language):
    found = holidays.country_holidays(code, years=range(2008, 2036), language=language)
    for day in sorted(found):
        if not 2008 <= day.year <= 2035:
            continue
        for name in found.get_list(day):
            label = next((label for label in LABELS if name.endswith(label)), "")
            yield [day.isoformat(), name.removesuffix(label), label != ""]


def compact(rows):
    names = sorted({row[1] for row in rows})
    return {"names": names, "days": [[day, names.index(name), observed] for day, name, observed in rows]}


target = pathlib.Path(__file__).parent / "timeseries" / "holidays.json"
said = {country: compact(list(days(*code))) for country, code in COUNTRIES.items()}
target.write_text(json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n")
print(target.stat().st_size, "bytes")
