"""A referee: sigstore-python, one case a line in, one verdict a line out.

It does what its command line does: a message signature is verified over the artifact or its digest; of an
envelope the subjects of the statement are compared as well, which its library leaves to the caller.
"""

import base64
import json
import sys

from sigstore.dsse import Statement
from sigstore.hashes import Hashed
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier, policy
from sigstore_models.common.v1 import HashAlgorithm

VERIFIERS = {}


class Abstain(Exception):
    """This question cannot be asked here."""


class Reject(Exception):
    """Not verified, by what the caller of the library has to check."""


def verifier(root):
    if root not in VERIFIERS:
        VERIFIERS[root] = Verifier(trusted_root=TrustedRoot.from_file(root))
    return VERIFIERS[root]


def judge(case):
    if case["key"] is not None:
        raise Abstain("no public keys")
    if not (case["log"] and case["sct"]):
        raise Abstain("a log and an SCT are always demanded")
    bundle = Bundle.from_json(base64.b64decode(case["bundle"]))
    demand = policy.Identity(identity=case["identity"], issuer=case["issuer"])
    own = verifier(case["root"])
    if bundle._dsse_envelope is not None:
        _, payload = own.verify_dsse(bundle, demand)
        Statement(payload)
        compare_subjects(json.loads(payload), case)
    elif case["artifact"] is not None:
        own.verify_artifact(base64.b64decode(case["artifact"]), bundle, demand)
    elif case["digest"]["algorithm"] == "sha256":
        digest = bytes.fromhex(case["digest"]["hex"])
        own.verify_artifact(Hashed(algorithm=HashAlgorithm.SHA2_256, digest=digest), bundle, demand)
    else:
        raise Abstain("no digest but SHA-256")


def compare_subjects(statement, case):
    """Whether one of the subjects is the artifact, by a digest that is strong."""
    import hashlib

    def named(algorithm):
        if case["artifact"] is not None:
            return hashlib.new(algorithm, base64.b64decode(case["artifact"])).hexdigest()
        given = case["digest"]
        return given["hex"] if given["algorithm"] == algorithm else None

    strong = ("sha256", "sha384", "sha512")
    wanted = {algorithm: named(algorithm) for algorithm in strong}
    for subject in statement["subject"]:
        found = {name: value for name, value in subject["digest"].items() if wanted.get(name)}
        if found and all(wanted[name] == value for name, value in found.items()):
            return
    raise Reject("no subject is the artifact")


def answer(line):
    try:
        judge(json.loads(line))
        return {"verdict": "accept"}
    except Abstain as reason:
        return {"verdict": "abstain", "reason": str(reason)}
    except (Exception, RecursionError) as error:
        return {"verdict": "reject", "reason": f"{type(error).__name__}: {error}"[:400]}


for line in sys.stdin:
    print(json.dumps(answer(line)), flush=True)
