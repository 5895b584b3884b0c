"""What qpdf, poppler, pyHanko and ofdkit say: accept.py FOLDER NSS."""
import json
import logging
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import ofdkit
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

folder, nss = Path(sys.argv[1]), sys.argv[2]
logging.disable(logging.CRITICAL)
root = load_cert_from_pemder(folder / "root.pem")

# What every certificate says, whoever holds it.
FIXED = """职业技能等级证书
本机构依据国家职业标准，对持证人的职业技能进行了认定。持证人经考核合格，达到下列职业及等级的技能要求，特发此证。
扫码核验，断网可验
机构信息查询：http://pjjg.osta.org.cn
证书信息查询：http://jndj.osta.org.cn
本省查询：https://jiangce.example.cn/query"""


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def characters(text):
    return Counter(c for c in text if not c.isspace() and c != "\f")


def whole(file, entry):
    """Form, fonts and text of one file."""
    code, said = run("qpdf", "--check", file)
    assert code == 0 and "No syntax or stream encoding errors" in said, said
    _, fonts = run("pdffonts", file)
    rows = [line.split() for line in fonts.splitlines()[2:]]
    assert rows and all(row[-5:-2] == ["yes", "yes", "yes"] for row in rows), fonts
    _, text = run("pdftotext", "-layout", file, "-")
    same(file, text, entry)


def same(file, text, entry):
    """Whether a text is what the record says and nothing else."""
    year, month, day = (int(part) for part in entry["issued_on"].split("-"))
    says = FIXED + entry["body"] + f"{year}年{month}月{day}日" + "".join(label + value for label, value in entry["entries"])
    assert characters(text) == characters(says), (file, characters(text) - characters(says), characters(says) - characters(text))
    joined = "".join(text.split())
    for label, value in entry["entries"]:
        assert label + "".join(value.split()) in joined, (file, label, value)


def ofd(file, entry):
    """What ofdkit reads of the same page."""
    with ofdkit.open(str(file)) as document:
        assert len(document.pages) == 1 and document.pages[0].box[2:] == (210.0, 297.0), file
        same(file, document.text(), entry)


def poppler(file):
    """What pdfsig says: whether the signature holds and covers the file, and whether its signer is trusted."""
    _, said = run("pdfsig", "-nssdir", f"sql:{nss}", file)
    good = "Signature is Valid." in said and "Total document signed" in said and "ETSI.CAdES.detached" in said
    return good, "Certificate is Trusted." in said


def hanko(pdf):
    """What pyHanko says, the same."""
    try:
        [signature] = PdfFileReader(BytesIO(pdf)).embedded_signatures
        trust = ValidationContext(trust_roots=[root], allow_fetching=False)
        status = validate_pdf_signature(signature, trust)
        whole_file = status.coverage.name == "ENTIRE_FILE" and not status.docmdp_ok is False
        return status.intact and status.valid and whole_file and status.bottom_line, status.trusted
    except Exception:
        # A file whose structure was hit is no signed PDF any more.
        return False, False


def check(numbered):
    i, line = numbered
    entry = json.loads(line)
    file = folder / f"{i:05}.pdf"
    whole(file, entry)
    ofd(file.with_suffix(".ofd"), entry)
    assert poppler(file) == (True, True), (file, run("pdfsig", "-nssdir", f"sql:{nss}", file)[1])
    pdf = file.read_bytes()
    assert hanko(pdf) == (True, True), file
    # One bit, in each file at another place: never inside the signature's own room, whose zeros say nothing.
    begin = pdf.rindex(b"/Contents<") + len(b"/Contents<")
    end = pdf.index(b">", begin)
    place = (i * 7919 + 17) % (len(pdf) - (end - begin))
    place += (end - begin) if place >= begin else 0
    altered = bytearray(pdf)
    altered[place] ^= 1 << i % 8
    copy = folder / f"{i:05}-altered.pdf"
    copy.write_bytes(altered)
    assert not poppler(copy)[0] and not hanko(bytes(altered))[0], (copy, place)
    copy.unlink()


lines = (folder / "record.jsonl").read_text().splitlines()
with ThreadPoolExecutor(4) as pool:
    done = sum(1 for _ in pool.map(check, enumerate(lines)))
print(f"{done} certificates: qpdf, pdffonts, pdftotext, pdfsig and pyHanko accept each, ofdkit reads the same text; one altered bit in each is found by both")
