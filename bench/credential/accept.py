"""What openbadgeslib and gmssl say: accept.py FOLDER."""
import base64
import json
import sys
from pathlib import Path

from gmssl import sm2
from openbadgeslib.ob3.ldp import OB3LdpVerifier

folder = Path(sys.argv[1])


def read(name):
    return json.loads((folder / f"{name}.json").read_text())


def download(_url):
    return (folder / "status.json").read_bytes()


def verdict(name):
    document = read(name)
    verifier = OB3LdpVerifier.for_issuer_did(document["issuer"]["id"])
    try:
        # It reads the bits of a list with a Data Integrity proof, but checks lists only as JWT.
        has_status = "credentialStatus" in document
        verifier.verify(document, check_status=has_status, download=download, verify_status_list=False)
    except Exception as refusal:  # the library's own errors, each with its sentence
        return f"refused: {refusal}"
    return "accepted"


for name, wanted in [("good", "accepted"), ("plain", "accepted"), ("altered", "refused"), ("plain-altered", "refused"),
                     ("revoked", "refused"), ("expired", "refused")]:
    said = verdict(name)
    print(f"openbadgeslib: {name}: {said}")
    assert said.startswith(wanted), name

proof = read("sm2")
public = base64.b64decode(proof["publicKey"]).hex()[2:]
signature = base64.b64decode(proof["signature"]).hex()
judge = sm2.CryptSM2(private_key="", public_key=public)


def fits(data):
    return judge.verify_with_sm3(signature, data)


document = (folder / "good.jcs").read_bytes()
assert fits(document), "gmssl: the national proof"
assert not fits(document.replace("车工".encode(), "钳工".encode())), "gmssl: altered"
print("gmssl: good accepted, altered refused")
