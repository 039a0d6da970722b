"""The catalogue: for each code of a reason its sentence in Korean and English, and the figures it takes (pure)."""

from shared.catalogue.entries import ENTRIES
from shared.catalogue.entry import Entry, Value, Values
from shared.catalogue.sentence import sentence

__all__ = ["ENTRIES", "Entry", "Value", "Values", "sentence"]
