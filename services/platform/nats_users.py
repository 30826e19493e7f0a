"""Who may say and hear what on NATS: one user for each thing that is done. `deploy/nats.conf` says the same.

Nobody but the ledger's relay may publish `locus.events.>` or use JetStream, whose API deletes streams too.
The ledger's intake answers wherever it is asked to, but never on a subject that means something to us: it is
the publisher who names the address of the answer.
"""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.platform import durable

Permissions = Mapping[str, Any]


def inbox(user: str) -> str:
    """Where answers to this user come, and to nobody else."""
    return f"_INBOX_{user}.>"


_OURS = ("locus.>", "$JS.>", "$SYS.>", "$KV.>", "$O.>")
USERS: Mapping[str, Permissions] = {
    "ledger": {  # the relay: echoes what is recorded
        "publish": ["locus.events.>", "$JS.>"],
        "subscribe": [inbox("ledger"), "locus.events.>"],
    },
    "intake": {  # the ledger's service: takes what is published
        "publish": {"allow": [">"], "deny": [*_OURS, inbox("ledger"), inbox("worker")]},
        "subscribe": [inbox("intake"), "locus.intake.>"],
    },
    "worker": {  # only wakes up by what is published
        "publish": {"deny": [">"]},
        "subscribe": [inbox("worker"), "locus.events.>"],
    },
    "publisher": {"publish": ["locus.intake.>"], "subscribe": [inbox("publisher")]},
}


def password(home: Path, user: str) -> str:
    """The user's password, made when it is first asked for and kept in a file for its owner's eyes."""
    secret = home / f"{user}.password"
    if not secret.exists():
        durable.replace(secret, secrets.token_hex(16).encode())
    return secret.read_text()


def authorization(home: Path) -> str:
    """The block of the server's configuration; JSON is as good to it as its own language."""
    users = [
        {"user": user, "password": password(home, user), "permissions": permissions}
        for user, permissions in USERS.items()
    ]
    return json.dumps({"users": users, "timeout": 5}, indent=2)
