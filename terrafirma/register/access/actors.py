"""Find the rights that an actor has now: work that was asked for earlier runs with no others."""

from terrafirma.errors import Forbidden
from terrafirma.register.access.api_keys import find_end, make_key_principal
from terrafirma.register.access.roles import LOCAL, Principal, Role
from terrafirma.register.access.users import Rules, make_user_principal
from terrafirma.register.model.clock import now
from terrafirma.storage.auth.api_keys import find_credential, has_credentials
from terrafirma.storage.auth.users import find_user, has_users
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.guarded import is_guarded

OWNERS = ("cli", "worker")
"""Actors of commands and of the worker itself, which whoever owns the data directory runs."""
LOST = "{} may no longer write here, so this was not done; someone who may can retry the job."


def find_writer(auth: Connection, register: Connection, actor: str, rules: Rules) -> Principal:
    """Return an actor with the role and scope it has now. Forbidden if it may not write any more."""
    if actor in OWNERS:
        return Principal(actor, Role.ADMIN)
    kind, _, number = actor.partition(":")
    found: Principal | None = None
    if actor == LOCAL.actor:
        found = LOCAL if takes_no_key(auth, register) else None
    elif kind == "key" and number.isdecimal():
        key = find_credential(auth, int(number))
        end = find_end(key, key.digest) if key else None
        found = make_key_principal(key) if key and (end is None or end > now()) else None
    elif kind == "person" and number.isdecimal():
        user = find_user(auth, int(number))
        found = make_user_principal(user, rules) if user else None
    if found is None or not found.may(Role.EDITOR):
        raise Forbidden(LOST.format(actor))
    return found


def takes_no_key(auth: Connection, register: Connection) -> bool:
    """Return True while nobody was ever given a key or signed in, here or where the register is from."""
    return not (has_credentials(auth) or has_users(auth) or is_guarded(register))
