"""Verdicts: from statements to what is said of them.

The stages, each with what goes in and what comes out:

    definitions     statements               what the text itself defines: activation, cost, order
    evidence        statements               the conventions that its formulas show
    settle          a text                   the reading in which most of it holds
    judge           an equation              whether its sides agree at all indices, in one reading
    verdicts        a statement              the verdict, with the reason
    variants        a statement that fails   other readings in which it holds
    doubts          a statement that fails   why nothing can be told of it: what had to be assumed
"""
