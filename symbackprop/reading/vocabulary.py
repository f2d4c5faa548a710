"""What the reader knows of LaTeX: one table for each sort of token."""

from collections.abc import Mapping
from typing import Final

from symbackprop.reading.tokens import Kind, Space


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# --- letters -----------------------------------------------------------------------------------

GREEK: Final = _words(
    """alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi
    pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega
    Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"""
)
LETTER_COMMANDS: Final = GREEK | _words("ell infty imath jmath hbar top intercal dagger prime star")

# --- signs --------------------------------------------------------------------------------------

PRODUCT_SIGNS: Final = {
    "*": "*", ".": ".", "@": "@", "\\cdot": "\\cdot", "\\times": "\\times", "\\ast": "*",
    "\\cdotp": "\\cdot",
}  # fmt: skip
ELEMENTWISE_SIGNS: Final = {"\\odot": "\\odot", "\\circ": "\\circ", "\\otimes": "\\otimes"}
RELATIONS: Final = {
    "=": "=", "\\equiv": "\\equiv", ":=": ":=", "\\coloneqq": ":=", "\\coloneq": ":=",
    "\\triangleq": ":=", "=:": "=:", "\\eqqcolon": "=:", "\\approx": "\\approx",
    "\\simeq": "\\approx", "\\sim": "\\sim", "\\propto": "\\propto", "\\ne": "\\ne",
    "\\neq": "\\ne", "!=": "\\ne", "<": "<", "\\lt": "<", ">": ">", "\\gt": ">", "\\le": "\\le",
    "\\leq": "\\le", "\\leqslant": "\\le", "<=": "\\le", "\\ge": "\\ge", "\\geq": "\\ge",
    "\\geqslant": "\\ge", ">=": "\\ge", "\\ll": "\\ll", "\\gg": "\\gg", "\\in": "\\in",
    "\\notin": "\\notin", "\\leftarrow": "\\leftarrow", "\\gets": "\\leftarrow",
}  # fmt: skip
ORDER_SIGNS: Final = frozenset(
    {"<", ">", "\\le", "\\ge", "\\ne", "\\in", "\\notin", "\\ll", "\\gg"}
)
NEGATED: Final = {"=": "\\ne", "\\in": "\\notin"}
ARROWS: Final = {
    "\\rightarrow": "\\rightarrow", "\\to": "\\rightarrow", "\\longrightarrow": "\\rightarrow",
    "\\mapsto": "\\mapsto", "->": "\\rightarrow",
}  # fmt: skip
IMPLICATIONS: Final = _words(
    r"""\Rightarrow \Longrightarrow \implies \Leftrightarrow \Longleftrightarrow \iff
    \therefore \because \Leftarrow \impliedby"""
)
DOTS: Final = _words(r"\dots \ldots \cdots \vdots \ddots \dotsc \dotsb \dotsm ...")
BRACKETS: Final[Mapping[str, tuple[Kind, str]]] = {
    "(": (Kind.LEFT, "("), ")": (Kind.RIGHT, ")"),
    "[": (Kind.LEFT, "["), "]": (Kind.RIGHT, "]"),
    "\\lbrack": (Kind.LEFT, "["), "\\rbrack": (Kind.RIGHT, "]"),
    "\\{": (Kind.LEFT, "{"), "\\}": (Kind.RIGHT, "}"),
    "\\lbrace": (Kind.LEFT, "{"), "\\rbrace": (Kind.RIGHT, "}"),
    "\\langle": (Kind.LEFT, "<"), "\\rangle": (Kind.RIGHT, ">"),
    "\\lvert": (Kind.LEFT, "|"), "\\rvert": (Kind.RIGHT, "|"),
    "\\lVert": (Kind.LEFT, "||"), "\\rVert": (Kind.RIGHT, "||"),
    "|": (Kind.BAR, "|"), "\\vert": (Kind.BAR, "|"), "\\mid": (Kind.BAR, "|"),
    "\\|": (Kind.BAR, "||"), "\\Vert": (Kind.BAR, "||"), "||": (Kind.BAR, "||"),
}  # fmt: skip
CLOSING: Final = {"(": ")", "[": "]", "{": "}", "<": ">", "|": "|", "||": "||", "{.": "."}

# --- commands with arguments --------------------------------------------------------------------

FRACTIONS: Final = _words(r"\frac \dfrac \tfrac \cfrac")
ACCENTS: Final = _words(
    r"""\hat \bar \tilde \vec \dot \ddot \check \breve \acute \grave \mathring
    \overline \widehat \widetilde \overrightarrow"""
)
ARITY: Final = (
    dict.fromkeys(FRACTIONS, 2)
    | dict.fromkeys(ACCENTS, 1)
    | {"\\sqrt": 1, "\\root": 2, "\\substack": 1}
)
SUMS: Final = {"\\sum": "sum", "\\prod": "prod"}
EXTREMA: Final = _words("max min sup inf argmax argmin lim")
FUNCTIONS: Final = EXTREMA | _words(
    "exp log ln lg sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan arg det dim"
)
OTHER_COMMANDS: Final = _words(r"\partial \nabla \over")

# --- the look of things -------------------------------------------------------------------------

FONTS: Final = _words(
    r"""\mathbf \mathbb \mathcal \mathfrak \mathscr \mathsf \mathtt \mathit \mathrm \mathnormal
    \boldsymbol \bm \pmb"""
)
OVERLAYS: Final = _words(r"\alert \uncover \onslide \visible \structure")
BRACES: Final = _words(r"\underbrace \overbrace \underbracket \overbracket")
# How many arguments stand, to be read verbatim, in front of the one whose look they change.
WRAPPERS: Final = (
    dict.fromkeys(FONTS | OVERLAYS | BRACES, 0)
    | dict.fromkeys(
        _words(
            r"""\boxed \underline \cancel \bcancel \xcancel \ensuremath \mathrel \mathbin \mathord
            \mathop \mathopen \mathclose \bbox"""
        ),
        0,
    )
    | dict.fromkeys(
        _words(
            r"""\textcolor \htmlClass \htmlId \htmlStyle \htmlData \cssId \class \style \href
            \overset \stackrel"""
        ),
        1,
    )
)
# The same for commands whose last argument is text, in which $...$ is a formula.
TEXTS: Final = dict.fromkeys(
    _words(
        r"""\text \mbox \hbox \textrm \textnormal \textit \textbf \textsf \texttt \textup \fbox
        \intertext \shortintertext"""
    ),
    0,
) | {"\\colorbox": 1, "\\fcolorbox": 2}
WORD_FONTS: Final = _words(r"\operatorname \mathrm \mathit \mathsf \mathtt \DeclareMathOperator")
BOXES: Final = _words(r"\fbox \colorbox \fcolorbox")
# Commands that print nothing, and how many arguments they take.
SWITCHES: Final = dict.fromkeys(
    _words(
        r"""\displaystyle \textstyle \scriptstyle \scriptscriptstyle \limits \nolimits \allowbreak
        \nobreak \relax \protect \pause \mathstrut \strut \null \bf \rm \it \sf \tt \small \large
        \Large \normalsize \footnotesize \centering \noindent \hfill \hfil"""
    ),
    0,
) | dict.fromkeys(_words(r"\color \phantom \hphantom \vphantom \vspace \mathcolor"), 1)
META: Final = dict.fromkeys(_words(r"\nonumber \notag \qedhere"), 0) | dict.fromkeys(
    _words(r"\label \tag \eqref \ref \cref \Cref \autoref \cite \eqlabel"), 1
)
SIZES: Final = {
    f"\\{size}{side}": side
    for size in ("big", "Big", "bigg", "Bigg")
    for side in ("", "l", "r", "m")
}  # fmt: skip
SPACES: Final = {
    "\\,": Space.THIN, "\\!": Space.THIN, "\\:": Space.THIN, "\\>": Space.THIN, "\\;": Space.THIN,
    "\\/": Space.THIN, "\\thinspace": Space.THIN, "\\medspace": Space.THIN,
    "\\thickspace": Space.THIN, "\\negthinspace": Space.THIN, "\\negmedspace": Space.THIN,
    "\\negthickspace": Space.THIN, "\\ ": Space.TEXT, "\\\n": Space.TEXT, "\\\t": Space.TEXT,
    "\\space": Space.TEXT, "\\nobreakspace": Space.TEXT, "\\enspace": Space.TEXT,
    "\\quad": Space.GAP, "\\qquad": Space.GAP, "\\hspace": Space.GAP, "\\mspace": Space.GAP,
}  # fmt: skip

# --- environments -------------------------------------------------------------------------------

MATRICES: Final = _words(
    "matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix array cases dcases rcases"
)
UNSPLIT: Final = _words("multline multline*")
# Environments whose rows are formulas of their own.
ROWED: Final = (
    _words(
        """split aligned gathered alignedat equation equation* align align* gather gather*
        alignat alignat* flalign flalign* eqnarray eqnarray* displaymath math dmath dmath*"""
    )
    | UNSPLIT
)
DISPLAYS: Final = ROWED - _words("split aligned gathered alignedat math")

# --- words --------------------------------------------------------------------------------------

CONDITION_WORDS: Final = _words("if for when whenever provided unless")
# Words that say nothing but that a condition follows.
BARE_CONDITIONS: Final = CONDITION_WORDS | {
    "for all", "for each", "for every", "for any", "provided that", "if and only if", "only if",
}  # fmt: skip
OTHERWISE: Final = _words("otherwise else")
# Words that are prose wherever they stand alone, typed as letters or as \text{...}.
CONNECTIVES: Final = (
    CONDITION_WORDS
    | OTHERWISE
    | _words(
        """where with and or so thus hence therefore then because since such that which is are let
        as all in on given also but now here while note recall finally similarly likewise from by
        the we have get gives becomes namely follows using means via subject every each any"""
    )
)
# Words of one or two letters that may stand in a run of words typed in math mode.
SHORT_WORDS: Final = _words("a I is as to in we if of on by so or it be at an do no up us my")

# --- characters ---------------------------------------------------------------------------------

_GREEK_LETTERS: Final = """
    α alpha β beta γ gamma δ delta ε varepsilon ϵ epsilon ζ zeta η eta θ theta ι iota κ kappa
    λ lambda μ mu µ mu ν nu ξ xi π pi ρ rho σ sigma τ tau υ upsilon φ varphi ϕ phi χ chi ψ psi
    ω omega Γ Gamma Δ Delta Θ Theta Λ Lambda Ξ Xi Π Pi Φ Phi Ψ Psi Ω Omega ℓ ell ∞ infty
"""
# Characters that stand for a command or for a plain character.
CHARACTERS: Final = {
    letter: f"\\{name}" for letter, name in zip(*[iter(_GREEK_LETTERS.split())] * 2, strict=True)
} | {
    "∂": "\\partial", "∇": "\\nabla", "∑": "\\sum", "∏": "\\prod", "⊙": "\\odot", "∘": "\\circ",
    "⊗": "\\otimes", "·": "\\cdot", "⋅": "\\cdot", "×": "\\times", "−": "-", "∗": "*", "≤": "\\le",
    "≥": "\\ge", "≠": "\\ne", "≈": "\\approx", "≡": "\\equiv", "≔": ":=", "∈": "\\in",
    "∉": "\\notin", "→": "\\rightarrow", "←": "\\leftarrow", "⇒": "\\Rightarrow", "∀": "\\forall",
    "‖": "\\|", "…": "\\dots", "⋯": "\\cdots", "⋮": "\\vdots", "⊤": "\\top", "∣": "|",
    "⟨": "\\langle", "⟩": "\\rangle",
}  # fmt: skip


def _table() -> dict[str, tuple[Kind, str]]:
    """Every sign and command that is a token by itself, with its sort and its normal spelling."""
    rows: dict[str, tuple[Kind, str]] = {
        f"\\{name}": (Kind.SYMBOL, name) for name in LETTER_COMMANDS
    }
    rows |= {f"\\{name}": (Kind.COMMAND, name) for name in FUNCTIONS}
    rows |= {name: (Kind.COMMAND, name) for name in (*ARITY, *SUMS, *OTHER_COMMANDS)}
    rows |= {sign: (Kind.OPERATOR, text) for sign, text in PRODUCT_SIGNS.items()}
    rows |= {sign: (Kind.OPERATOR, text) for sign, text in ELEMENTWISE_SIGNS.items()}
    rows |= {sign: (Kind.OPERATOR, sign) for sign in "+-/"}
    rows |= {sign: (Kind.RELATION, text) for sign, text in RELATIONS.items()}
    rows |= {sign: (Kind.ARROW, text) for sign, text in ARROWS.items()}
    rows |= {sign: (Kind.IMPLIES, sign) for sign in IMPLICATIONS}
    rows |= {sign: (Kind.DOTS, sign) for sign in DOTS}
    rows |= BRACKETS
    rows |= {"^": (Kind.SCRIPT, "^"), "_": (Kind.SCRIPT, "_"), "&": (Kind.CELL, "&")}
    rows |= {"{": (Kind.OPEN, "{"), "}": (Kind.CLOSE, "}"), ",": (Kind.COMMA, ",")}
    rows |= {"\\bgroup": (Kind.OPEN, "{"), "\\egroup": (Kind.CLOSE, "}")}
    rows |= {";": (Kind.SEMICOLON, ";"), ":": (Kind.SEMICOLON, ":")}
    return rows | {"\\forall": (Kind.WORDS, "for all")}


TOKENS: Final = _table()
