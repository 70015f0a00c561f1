"""A table of names that packages outside add to, by an entry-point group: name -> class.

Deviations: none.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any, Generic, TypeVar

from .errors import BadInput, UnknownName

Kind = TypeVar("Kind")
PACKAGE = __package__.rpartition(".")[0]


@dataclass(frozen=True)
class OpenTable(Generic[Kind]):
    """Classes of one base under their names, loaded when asked for.

    Args:
        word: what one of them is called.
        base: of all of them.
        table: name -> "module:class", in the package.
        group: of entry points.
        also: names that lead to no class of the base, and are offered beside.
    """

    word: str
    base: type[Any]
    table: Mapping[str, str]
    group: str
    also: Mapping[str, str] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Of the package and of installed plug-ins."""
        return sorted({*self.table, *(point.name for point in entry_points(group=self.group))})

    def found(self, name: str) -> type[Kind]:
        """The class behind a name.

        Raises:
            UnknownName: the nearest known name is offered.
            BadInput: a plug-in that is no class of the base.
        """
        if name in self.table:
            found = loaded(self.table[name])
        else:
            plugged = {point.name: point for point in entry_points(group=self.group)}
            if name not in plugged:
                raise UnknownName(self.word, name, [*self.names(), *self.also])
            found = plugged[name].load()
        if not (isinstance(found, type) and issubclass(found, self.base)):
            raise BadInput(
                f"{self.word} {name!r} leads to {found!r}, which is no {self.base.__name__} class"
            )
        return found

    def made(self, name: str, options: Mapping[str, Any]) -> Kind:
        """One of them.

        Raises:
            UnknownName, BadInput: as `found`; options that the class does not take.
        """
        kind = self.found(name)
        try:
            return kind(**options)
        except TypeError as error:
            raise BadInput(
                f"{self.word} {name!r} refused options {sorted(options)}: {error}"
            ) from error


def loaded(address: str) -> Any:
    """What "module:object" of the package leads to."""
    module, _, name = address.partition(":")
    return getattr(importlib.import_module(f"{PACKAGE}.{module}"), name)
