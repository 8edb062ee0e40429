"""The common structure of REST Countries versions: their records and searches."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from terrafirma.restcountries.blocs import Bloc
from terrafirma.restcountries.match import Search
from terrafirma.restcountries.serialise import show_full
from terrafirma.restcountries.translate import Record


@dataclass(frozen=True)
class ApiVersion:
    """A version with its complete records."""

    name: str
    """The first word of its addresses."""
    shape: Callable[[Record, Sequence[Bloc]], Record]
    """Makes its record of a complete v3.1 record, and of the country's regional blocs if it has a field for them."""
    searches: Mapping[str, Search]
    """By the first word of their addresses: `/name/{text}`."""
    find_full_name: Search
    """The search of `/name/{text}?fullText=true`."""
    find_codes: Callable[[Sequence[Record], Sequence[str]], list[Record]]
    """The search of `/alpha/{code}` and `/alpha?codes=`."""
    show_fields: Callable[[Record, Sequence[str]], Record]
    """A record of a list with the fields asked for."""
    kept: Collection[str] = ()
    """Fields that are shown even when empty: the old service had a value for every country."""
    bare: bool = False
    """True if `/alpha/{code}` is an object without `fields`, too."""
    separators: str = ","
    """The separator of codes and fields."""
    tells_independence: bool = False
    """True if `/independent` exists."""

    def show_full(self, record: Record) -> Record:
        """Return a record as it is shown without `fields`."""
        return show_full(record, self.kept)
