"""Repairs: from an equation that fails to the small edit after which it holds.

The stages, each with what goes in and what comes out:

    sites           an equation              the places where an edit is possible
    costs, indices, terms                    the edits of each kind at these places
    repairs         a site                   all edits, the most likely first
    slips           an equation              the first one after which it holds
"""
