"""Tiny instance files in the classical formats, written by hand."""

from __future__ import annotations

from pathlib import Path

JSP = "2 2\n0 3 1 2\n1 4 0 1\n"
JSP_TARDINESS = """2\t2
Processing times:\x20
3\t5
4\t1
Routes of jobs:\x20
2\t1
1\t2
Due dates:\x20
6\t
4\t
"""
FJSP = "1 2 1.5\n2  2 1 3 2 5  1 2 4\n"
HFSP = "3\n2\n2\t1\n3\t2\n3\t2\n3\t2\n"
FLOW_SHOP = "2\n2\n5 6\n3 2\n1 4\n"
SINGLE = "9 9\n9 9\n9 9\n3 4\n1 2\n2 4\n"
SINGLE_INDEX = "position,or_library_number,best_known\n1,5,\n2,17,10\n"
SINGLE_SETUPS = """Problem Instance: 1
Problem Size: 2
Begin Problem Specification
Process Times:
3
4
Weights:
1
2
Duedates:
5
6
Setup Times:
-1\t0\t2
-1\t1\t1
0\t1\t3
1\t0\t4
End Problem Specification
"""
OAS = """0,0,0,0
0,3,4,0
0,5,6,0
0,7,10,0
0,4,8,0
0,2,2,0
0,1,2,0
0,0,1,0
0,1,0,0
0,0,0,0
"""
UPMSP = "2  2  1\n2\n\t0\t3\t1\t9\n\t0\t4\t1\t5\nSSD\nM0\n0\t2\n1\t0\nM1\n0\t7\n7\t0\n"


def write_file(folder: Path, name: str, text: str) -> Path:
    """Write a text into a folder and return its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
