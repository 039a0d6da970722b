"""A stage that gave a cycle up (pure)."""

from shared.catalogue.entry import entry

STAGE_GAVE_UP = entry("STAGE_GAVE_UP", "{said}", "{said}")  # the fault's own words
