"""Time and memory of `kerege import` for a file of its own making.

Run: python benchmarks/import_htcds.py [RECORDS].

Prints one table. The work is done in a home folder of its own on SQLite, which is removed afterwards.
"""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GIVEN = ["Айгүл", "Бахыт", "Гүлнара", "Dilnoza", "Марат", "Ольга", "Сәуле", "Timur", "Umida", "Ербол", "Жанна"]
FAMILY = ["Сәрсенов", "Ахметов", "Karimov", "Юсупов", "Ким", "Абдуллаев", "Төлегенов", "Иванова", "Рахимов"]
MIDDLE = ["Маратұлы", "Бахытқызы", "Иванович", "Rustamovna", ""]
FORMS = ["ForcedLabour", "SexualExploitation", "ForcedLabour;ForcedBegging", "Servitude", "Unknown"]
CONTROL = ["DebtBondage;FalsePromises", "WithholdsDocuments", "PhysicalAbuse;TakesEarnings", "NotAsked", ""]
SERVICES = ["shelter", "medical_care", "psychological_support", "legal_aid", "repatriation"]
STATUSES = ["ActualVictimOfTrafficking", "PossibleVictimOfTrafficking"]


def record(number: int, chance: random.Random) -> dict[str, str]:
    """Return a person with one case, one service and, half of the time, an identification."""
    day = f"{chance.randint(2018, 2025)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
    status = chance.choice(STATUSES)
    return {
        "prs_Id": f"p{number}",
        "cas_Id": f"c{number}",
        "prs_FirstName": chance.choice(GIVEN),
        "prs_MiddleName": chance.choice(MIDDLE),
        "prs_SecondName": chance.choice(FAMILY) + chance.choice(["", "а", "ов", "ев"]),
        "prs_Birthdate": f"{chance.randint(1960, 2008)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
        "prs_Gender": chance.choice(["Feminine", "Masculine"]),
        "prs_Citizenship": chance.choice(["UZ", "KZ", "KG", "KZ;RU"]),
        "prs_IdentityNumber": f"{number:012d}",
        "prs_MaritalStatus": chance.choice(["Single", "Married", "Refused", ""]),
        "prs_MobilePhone": f"+7701{number:07d}",
        "prs_MailingCity": "Қарағанды",
        "vic_TraffickingStatus": status,
        "vic_TraffickingStatusDecisionMakingOrg": "Police" if status == STATUSES[0] else "",
        "vic_TypeOfExploitation": chance.choice(FORMS),
        "vic_ForcedLabourIndustry": chance.choice(["F_Construction", "A_AgricultureForestryAndFishing", ""]),
        "vic_MethodsOfControl": chance.choice(CONTROL),
        "vic_RelationshipToTrafficker": chance.choice(["Acquainted", "Familial", "Unknown"]),
        "vic_AgeWhenTrafficked": str(chance.randint(12, 50)),
        "cas_Status": chance.choice(["Active", "Closed", "FollowUp"]),
        "cas_RegistrationDate": day,
        "cas_IncomingReferralDetails": "called by her brother; came alone",
        "hte_Type": "Exploitation",
        "hte_Country": chance.choice(["KZ", "RU", "AE"]),
        "svc_Type": chance.choice(SERVICES),
        "svc_Payer": chance.choice(["iom", "state"]),
        "svc_StartDate": day,
    }


def write_file(path: Path, records: int) -> None:
    """Write the file to import."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(record(0, random.Random(0))))
        writer.writeheader()
        writer.writerows(record(number, chance) for number in range(records))


def timed(*command: str) -> tuple[float, float, float]:
    """Return elapsed seconds, CPU seconds and peak memory (MB) of a command."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main(records: int) -> None:
    """Build the file, import it twice, print the table."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KEREGE_HOME"] = folder
        path = Path(folder) / "records.csv"
        write_file(path, records)
        django = [sys.executable, "-m", "django", "migrate", "--skip-checks", "--settings", "kerege.config.settings"]
        timed(*django)
        command = [sys.executable, "-c", "from kerege.cli import main; main()"]
        print(f"{'step':<24}{'records':>10}{'seconds':>10}{'CPU':>8}{'records/s':>11}{'peak MB':>9}")
        for step, options in (("dry run", ["--dry-run"]), ("import", []), ("the same file again", [])):
            seconds, processor, memory = timed(*command, "import", str(path), *options)
            print(f"{step:<24}{records:>10}{seconds:>10.1f}{processor:>8.1f}{records / seconds:>11.0f}{memory:>9.0f}")
        size = (Path(folder) / "kerege.sqlite3").stat().st_size / 1e6
        print(f"register {size:.0f} MB, file {path.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
