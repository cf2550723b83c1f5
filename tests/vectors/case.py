"""What adapters yield."""
from dataclasses import dataclass
from typing import Any, Callable


@dataclass
class Case:
    id: str
    want: Any
    got: Callable[["Context"], Any]  # run.py has Context
    note: str = ""
    skip: str = ""  # reason; counted and named
