"""A file of which parts are made: what stands between a line `# <name>` and a line `# </name>`.

In a page the lines are `<!-- name -->` and `<!-- /name -->`.
"""

import re
from collections.abc import Mapping


def renewed(text: str, parts: Mapping[str, str]) -> str:
    """The text with each part as it is to be now. Raises ValueError where a mark is missing."""
    for name, part in parts.items():
        marks = (f"# <{name}>\n", f"^ *# </{name}>$"), (f"<!-- {name} -->\n", f"^<!-- /{name} -->$")
        between = re.compile("|".join(f"(?<={begin}).*?(?={end})" for begin, end in marks), re.S | re.M)
        found = between.findall(text)
        if len(found) != 1:
            raise ValueError(f"{name}: its marks stand there {len(found)} times, and once is right")
        text = between.sub(part.replace("\\", r"\\"), text)
    return text
