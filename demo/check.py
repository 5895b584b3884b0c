#!/usr/bin/env python3
"""Checks the shipped tables against each other, and the make-believe province against the tables.

Every occupation of the demo has to pass what the notice asks of a filing (一（三）): it stands in the
classification, has an issued standard with the levels, and isn't in the catalogue of 2021.
"""
import csv
import pathlib
import struct
import sys
from datetime import date

HERE = pathlib.Path(__file__).parent
TABLES = HERE.parent / "reference"
CAP = {"technical_school": "4", "senior_technical_school": "3", "technician_college": "2"}
CAP |= {"college": "3", "enterprise": "3", "social_organisation": "3"}
ROLES = {"clerk", "head", "employer", "city_centre", "city_bureau", "provincial_centre", "provincial_department", "administrator"}
faults = []


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names(path):
    return (HERE / path).read_text("utf-8").split("\n")[:-1]


def must(true, *what):
    if not true:
        faults.append(" ".join(map(str, what)))


def unique(table, *key):
    seen = [tuple(row[k] for k in key) for row in table]
    must(len(set(seen)) == len(seen), "duplicate", key, {k for k in seen if seen.count(k) > 1})


def credit_code_holds(code):
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
    return len(code) == 18 and alphabet[-total % 31] == code[17]


def size_of_jpeg(data):
    at = 2
    while data[at + 1] not in (0xC0, 0xC2):
        at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    height, width = struct.unpack(">HH", data[at + 5 : at + 9])
    return width, height


occupations = rows(TABLES / "occupations-2022.csv")
standards = rows(TABLES / "national-standards.csv")
catalogue = rows(TABLES / "qualification-catalogue.csv")
aliases = rows(TABLES / "qualification-aliases.csv")
divisions = {d["code"]: d for d in rows(TABLES / "gb2260-fujian.csv")}
workdays = rows(TABLES / "cn-workdays.csv")

unique(occupations, "code")
unique(aliases, "name", "alias")
unique(workdays, "date")
occupation = {o["code"]: o["name"] for o in occupations if o["level"] == "occupation"}
entries = {e[k] for e in catalogue for k in ("name", "name_in_2021")}
for a in aliases:
    must(a["name"] in entries, "alias of no catalogue entry:", a["name"])
    must(occupation.get(a["code_2022"]) == a["alias"], "alias of no occupation:", a["alias"])
    must(a["extent"] in ("same", "part"), "extent", a["extent"])
for w in workdays:
    weekend = date.fromisoformat(w["date"]).weekday() >= 5
    must(w["kind"] == ("workday" if weekend else "holiday"), "no exception:", w["date"])
for d in divisions.values():
    must(d["level"] == "province" or d["parent"] in divisions, "division without parent:", d["code"])

excluded = {e["name"] for e in catalogue if e["in_2021_catalogue"] != "0"}
excluded |= {a["alias"] for a in aliases if a["name"] in excluded}

offices = rows(HERE / "offices.csv")
bodies = {b["code"]: b for b in rows(HERE / "bodies.csv")}
trades = rows(HERE / "trades.csv")
personas = rows(HERE / "personas.csv")
unique(offices, "code")
unique(offices, "kind", "place")
unique(trades, "body", "occupation_code")
unique(personas, "login")
unique(list(bodies.values()), "uscc")
seats = {o["code"]: o["kind"] for o in offices} | {b: "body" for b in bodies}
for o in offices:
    must(o["place"] in divisions, "office in no place:", o["code"])
for code, b in bodies.items():
    must((b["kind"] == "college") == (b["station_centre"] in {o["code"] for o in offices}), "station's centre:", code)
    must(b["name"].startswith("示例"), "body not marked as an example:", code)
    must(divisions.get(b["county"], {}).get("level") == "county", "body in no county:", code)
    must(credit_code_holds(b["uscc"]), "credit code:", code)
    must(b["phone"].split("-")[1].startswith("000000"), "phone number that might be real:", code)
    must(any(t["body"] == code for t in trades), "body without occupation:", code)
for t in trades:
    body = bodies[t["body"]]
    must(occupation.get(t["occupation_code"]) == t["occupation"], "no occupation:", t["occupation"])
    must(t["occupation"] not in excluded, "in the catalogue:", t["occupation"])
    levels = set(t["levels"].split(","))
    standard = [
        s for s in standards
        if s["code"] == t["occupation_code"] and s["name"] == t["occupation"]
        and s["edition_year"] == t["standard_edition"] and s["confidence"] == "parsed"
    ]
    must(len(standard) == 1, "no standard:", t["occupation"], t["standard_edition"])
    must(all(levels <= set(s["levels"].split(",")) for s in standard), "levels of", t["occupation"])
    must(min(levels) >= CAP[body["kind"]], "level above the school's cap:", t["body"], t["occupation"])
    must(t["major"] in body["majors"].split("、"), "no such major:", t["body"], t["major"])
for p in personas:
    kind = {"clerk": "body", "head": "body", "administrator": None}.get(p["role"], p["role"])
    must(seats.get(p["seat"]) == kind, "persona on the wrong seat:", p["login"])
must({p["role"] for p in personas} == ROLES, "roles without persona")
for list_of_names in ("surnames.txt", "given-names.txt", "whole-names.txt"):
    must(all(n and n == n.strip() for n in names(list_of_names)), "blank in", list_of_names)
    must(len(set(names(list_of_names))) == len(names(list_of_names)), "duplicate in", list_of_names)
must(all(any(c in n for n in names("given-names.txt")) for c in "䶮𬎆㛃堃喆"), "a rare character is missing")
photos = sorted((HERE / "photos").glob("*.jpg"))
must(len(photos) == 6, "photos:", len(photos))
for photo in photos:
    data = photo.read_bytes()
    must(size_of_jpeg(data) == (295, 413) and len(data) < 15_000, "photo:", photo.name)

for fault in faults:
    print(fault, file=sys.stderr)
print(f"{len(trades)} occupations of {len(bodies)} bodies, {len(aliases)} aliases, {len(workdays)} days: {len(faults)} faults")
sys.exit(bool(faults))
