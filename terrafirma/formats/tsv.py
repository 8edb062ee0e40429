"""TSV: the table of `csv.py`, its cells separated by tabs."""

from terrafirma.formats.csv import Csv


class Tsv(Csv):
    """Tab-separated values with a line of headings."""

    name = "tsv"
    media = "text/tab-separated-values"
    delimiter = "\t"


TSV = Tsv()
