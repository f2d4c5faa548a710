"""What commands wrote when it was last looked at: a change of any byte is seen, and looked at.

`python -m tests.golden` writes all of it anew, `python -m tests.golden NAME` one file; the diff of
the version control then shows what has changed.
"""
