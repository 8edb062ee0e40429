"""`terrafirma fields`: declare fields of one's own from the command line, as `/fields` does."""

from typing import Any, get_args

import click

from terrafirma.commands.keys import CLI
from terrafirma.commands.terminal import (
    CommandGroup,
    choose,
    found,
    print_all,
    print_status,
    with_json,
    with_register,
)
from terrafirma.errors import NotFound
from terrafirma.register.log import changes
from terrafirma.register.log.changes import Edit
from terrafirma.register.log.identifiers import Moment, find
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import FIELD, KINDS
from terrafirma.register.model.records import CustomField, Document
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.found import list_found
from terrafirma.storage.register.records import Version
from terrafirma.storage.register.search import Search

MOST = 1000
"""Fields that are listed."""
TYPES = get_args(CustomField.model_fields["type"].annotation)

with_kind = click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    default="country",
    help="The kind of records that have the field.",
)


@click.group(cls=CommandGroup)
def fields() -> None:
    """Declare fields of your own below `extra`: their types, choices, units."""


@fields.command("list")
@with_json
@with_register
def list_all(as_json: bool, **given: Any) -> None:
    """List the declared fields, one per line."""
    with found(choose(**given)) as register, register.reading() as connection:
        print_all(list_fields(connection), describe, as_json=as_json)


@fields.command()
@click.argument("name")
@with_kind
@with_register
def show(name: str, kind: str, **given: Any) -> None:
    """Print the declaration of the field NAME as JSON."""
    with found(choose(**given)) as register, register.reading() as connection:
        click.echo(encode(decode(find_field(connection, name, kind).document)))


@fields.command()
@click.argument("name")
@with_kind
@click.option("--type", type=click.Choice(TYPES), default="text", help="The type of its values.")
@click.option(
    "--choice",
    "enum",
    multiple=True,
    show_default="any text",
    help="A text that it may hold. May be repeated.",
)
@click.option("--required", is_flag=True, help="Every record of the kind must have it.")
@click.option("--unit", show_default="none", help="The unit of its numbers.")
@click.option("--description", show_default="none", help="Its meaning, for people.")
@with_register
def add(data: Any, starter: bool, **declared: Any) -> None:
    """Declare the field NAME of records. Values that are there already must fit it."""
    body = {name: value for name, value in declared.items() if value}
    body |= {"enum": list(body["enum"])} if "enum" in body else {}
    with found(choose(data=data, starter=starter)) as register, register.writing() as connection:
        version = changes.create(connection, Edit(FIELD, CLI, today()), body)
    print_status(f"Declared {describe(decode(version.document))}.")


@fields.command()
@click.argument("name")
@with_kind
@with_register
def delete(name: str, kind: str, **given: Any) -> None:
    """End the declaration of the field NAME; its values stay."""
    with found(choose(**given)) as register, register.writing() as connection:
        version = find_field(connection, name, kind)
        changes.remove(connection, Edit(FIELD, CLI, today()), version)
    print_status(
        f"The field {name} of {KINDS[kind].plural} is no longer declared; its values stay."
    )


def list_fields(connection: Connection) -> list[Document]:
    """The declarations of all fields."""
    rows = list_found(connection, Search(FIELD.name, today(), None), MOST)
    return [row.document for row in rows]


def find_field(connection: Connection, name: str, kind: str) -> Version:
    """The field of a name. Raise NotFound if it is not declared."""
    for document in list_fields(connection):
        if (document["name"], document["kind"]) == (name, kind):
            return find(connection, FIELD, str(document["id"]), Moment(today()))
    raise NotFound(f"No field {name} of {KINDS[kind].plural} is declared.")


def describe(document: Document) -> str:
    """A declaration as a line of text."""
    parts = [f"{document['kind']}: extra.{document['name']}", document["type"]]
    parts += [" | ".join(document["enum"])] if "enum" in document else []
    parts += ["required"] if document.get("required") else []
    parts += [document[name] for name in ("unit", "description") if name in document]
    return "  ".join(parts)
