r"""The formulas of four texts on backpropagation, and what the derivations make of each.

One row for each displayed equation of text 000, 001 and 003, and one for each formula that
text 002 describes in words. A row says what the text writes, whether that is right, and which
equations of a derivation stand for it, in the default notation: what is right comes out, what is
wrong comes out corrected. Texts write scalars where a network has one neuron a layer; those rows
ask the chain.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

import pytest

from symbackprop.derivation.steps import Detail
from symbackprop.documents.layout import Layout
from symbackprop.documents.views import DocumentView
from symbackprop.network import Network
from symbackprop.notation.printers.styles import BREAK, LATEX
from symbackprop.notation.profiles import DEFAULT


class Verdict(StrEnum):
    RIGHT = "right"
    CORRECTED = "corrected"
    """Wrong as it stands; what comes out is the corrected equation."""
    NO_EQUATION = "no equation"
    """A chain of arrows, a bare symbol or a bare expression."""


RIGHT, CORRECTED, NO_EQUATION = Verdict


@dataclass(frozen=True)
class Asked:
    """A derivation to look in."""

    model: str
    cost: str = "squared_error"
    activations: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


CHAIN = Asked("chain", activations=("sigmoid",))
LAST = Asked("chain", activations=("sigmoid",), targets=("w@L", "b@L", "a@L-1"))
HALF = Asked("chain", "half_squared_error", ("sigmoid",))
TWO_LAYERS = Asked("chain", "half_squared_error", ("sigmoid",), ("w@L", "w@L-1"))
GENERAL = Asked("general")
GENERAL_HALF = Asked("general", "half_squared_error")
SIGMOIDS = Asked("general", activations=("sigmoid",))
NUMBERED = Asked("general", targets=("w[1,2]@L", "w[2,2]@L-1"))


@dataclass(frozen=True)
class Comes:
    """An equation that comes out: the left side, and one right side of its chain.

    case: the condition under which the right side holds, where the line is one of cases.
    sign: what stands between the sides.
    """

    asked: Asked
    left: str
    right: str
    case: str = ""
    sign: str = "="


@dataclass(frozen=True)
class Row:
    """One formula of a text, in the line where its display begins or its description ends."""

    text: str
    line: int
    written: str
    verdict: Verdict
    comes: tuple[Comes, ...] = field(default=())


def d(above: str, below: str) -> str:
    """The derivative of one name by another."""
    return rf"\frac{{\partial {above}}}{{\partial {below}}}"


def by(below: str, body: str) -> str:
    """The derivative of an expression."""
    return rf"\frac{{\partial}}{{\partial {below}}}({body})"


def sums(letter: str, count: str) -> str:
    """The sum over nodes 0 to count - 1."""
    return rf"\sum_{{{letter}=0}}^{{{count}-1}} "


def column(*entries: str) -> str:
    """A column vector."""
    return r"\begin{bmatrix}" + r"\\".join(entries) + r"\end{bmatrix}"


# Names that occur again and again: of the last layer, of the layer before, of layer l.
AL, AM, AK = "a^{(L)}", "a^{(L-1)}", "a^{(L-2)}"
ZL, ZM, WL, WM, BL = "z^{(L)}", "z^{(L-1)}", "w^{(L)}", "w^{(L-1)}", "b^{(L)}"
al, am, zl, wl, bl = "a^{(l)}", "a^{(l-1)}", "z^{(l)}", "w^{(l)}", "b^{(l)}"
AJ, ZJ, WJK, BJ = "a_j^{(L)}", "z_j^{(L)}", "w_{jk}^{(L)}", "b_j^{(L)}"
aj, zj, wjk, bj = "a_j^{(l)}", "z_j^{(l)}", "w_{jk}^{(l)}", "b_j^{(l)}"
ak_before = "a_k^{(l-1)}"
A1, Z1, W12, A2 = "a_1^{(L)}", "z_1^{(L)}", "w_{12}^{(L)}", "a_2^{(L-1)}"
Z2, W22, A2_BEFORE = "z_2^{(L-1)}", "w_{22}^{(L-1)}", "a_2^{(L-2)}"
SLOPE_L, SLOPE_M = rf"\sigma'({ZL})", rf"\sigma'({ZM})"

COST_1 = f"2({AL} - y)"
COST_HALF = f"({AL} - y)"
DIFFERENCE = f"{AL} - y"
COST_J = f"2({AJ} - y_j)"
SQUARES = f"{sums('j', 'n_L')}({AJ} - y_j)^{{2}}"
WEIGHTED_INPUT = f"{sums('k', 'n_{l-1}')}{wjk} {ak_before} + {bj}"

ROWS = (
    # -- text 000: notation ---------------------------------------------------------------------
    Row("000", 75, r"w_{jk}^{(l)}", NO_EQUATION),
    Row("000", 98, r"\sum_{j=1}^{n}a_{j}", NO_EQUATION),
    # -- text 001: one neuron a layer -----------------------------------------------------------
    Row(
        "001", 9, r"C_0(\dots) = (a^{(L)} - y)^2", RIGHT,
        (Comes(CHAIN, "C_0", f"({AL} - y)^{{2}}"),),
    ),
    Row("001", 13, r"a^{(L)} = \sigma(z^{(L)})", RIGHT, (Comes(CHAIN, al, rf"\sigma({zl})"),)),
    Row(
        "001", 17, r"z^{(L)} = w^{(L)}a^{(L-1)} + b^{(L)}", RIGHT,
        (Comes(CHAIN, zl, f"{wl} {am} + {bl}"),),
    ),
    Row(
        "001", 21,
        r"\frac{\partial C_0}{\partial w^{(L)}} = \frac{\partial z^{(L)}}{\partial w^{(L)}}"
        r" \frac{\partial a^{(L)}}{\partial z^{(L)}} \frac{\partial C_0}{\partial a^{(L)}}"
        r" = a^{(L-1)} \sigma'(z^{(L)}) 2(a^{(L)} - y)",
        RIGHT,
        (
            Comes(CHAIN, d("C_0", WL), d("C_0", AL) + d(AL, ZL) + d(ZL, WL)),
            Comes(CHAIN, d("C_0", WL), f"{COST_1} {SLOPE_L} {AM}"),
        ),
    ),
    Row(
        "001", 25, r"\frac{\partial C_0}{\partial a^{(L)}} = 2(a^{(L)} - y)", RIGHT,
        (Comes(CHAIN, d("C_0", AL), COST_1),),
    ),
    Row(
        "001", 31, r"\frac{\partial a^{(L)}}{\partial z^{(L)}} = \sigma'(z^{(L)})", RIGHT,
        (Comes(LAST, d(AL, ZL), SLOPE_L),),
    ),
    Row(
        "001", 35, r"\frac{\partial z^{(L)}}{\partial w^{(L)}} = a^{(L-1)}", RIGHT,
        (Comes(LAST, d(ZL, WL), AM),),
    ),
    Row(
        "001", 39,
        r"\frac{\partial C_0}{\partial b^{(L)}} = \frac{\partial z^{(L)}}{\partial b^{(L)}}"
        r" \frac{\partial a^{(L)}}{\partial z^{(L)}} \frac{\partial C_0}{\partial a^{(L)}}"
        r" = 1 \sigma'(z^{(L)}) 2(a^{(L)} - y)",
        RIGHT,
        (
            Comes(CHAIN, d("C_0", BL), d("C_0", AL) + d(AL, ZL) + d(ZL, BL)),
            Comes(CHAIN, d("C_0", BL), f"{COST_1} {SLOPE_L}"),
        ),
    ),
    Row(
        "001", 43, r"\frac{\partial C_0}{\partial a^{(L)}} = 2(a^{(L)} - y)", RIGHT,
        (Comes(CHAIN, d("C_0", AL), COST_1),),
    ),
    Row(
        "001", 47, r"\frac{\partial a^{(L)}}{\partial z^{(L)}} = \sigma'(z^{(L)})", RIGHT,
        (Comes(LAST, d(AL, ZL), SLOPE_L),),
    ),
    Row(
        "001", 51, r"\frac{\partial z^{(L)}}{\partial b^{(L)}} = 1", RIGHT,
        (Comes(LAST, d(ZL, BL), "1"),),
    ),
    Row(
        "001", 55,
        r"\frac{\partial C_0}{\partial a^{(L-1)}} = \frac{\partial z^{(L)}}{\partial a^{(L-1)}}"
        r" \frac{\partial a^{(L)}}{\partial z^{(L)}} \frac{\partial C_0}{\partial a^{(L)}}"
        r" = w^{(L)} \sigma'(z^{(L)}) 2(a^{(L)} - y)",
        RIGHT,
        (
            Comes(LAST, d("C_0", AM), d("C_0", AL) + d(AL, ZL) + d(ZL, AM)),
            Comes(LAST, d("C_0", AM), f"{COST_1} {SLOPE_L} {WL}"),
        ),
    ),
    Row(
        "001", 61, r"\frac{\partial C_0}{\partial a^{(L)}} = 2(a^{(L)} - y)", RIGHT,
        (Comes(CHAIN, d("C_0", AL), COST_1),),
    ),
    Row(
        "001", 65, r"\frac{\partial a^{(L)}}{\partial z^{(L)}} = \sigma'(z^{(L)})", RIGHT,
        (Comes(LAST, d(AL, ZL), SLOPE_L),),
    ),
    Row(
        "001", 69, r"\frac{\partial z^{(L)}}{\partial a^{(L-1)}} = w^{(L)}", RIGHT,
        (Comes(LAST, d(ZL, AM), WL),),
    ),
    # The mean is over N samples with the index s; n and k count neurons.
    Row(
        "001", 75,
        r"\frac{\partial C}{\partial w^{(L)}}"
        r" = \frac{1}{n} \sum_{k=0}^{n-1} \frac{\partial C_k}{\partial w^{(L)}}",
        RIGHT,
        (Comes(LAST, d("C", WL), rf"\frac{{1}}{{N}} {sums('s', 'N')}{d('C_s', WL)}"),),
    ),
    Row(
        "001", 79,
        r"\nabla \mathbf{C} = \begin{bmatrix} \frac{\partial C}{\partial w^{(1)}} \\"
        r" \frac{\partial C}{\partial b^{(1)}} \\ \vdots \\ \frac{\partial C}{\partial w^{(L)}} \\"
        r" \frac{\partial C}{\partial b^{(L)}} \end{bmatrix}",
        RIGHT,
        (
            Comes(
                CHAIN,
                r"\nabla C",
                column(d("C", "w^{(1)}"), d("C", "b^{(1)}"), r"\vdots", d("C", WL), d("C", BL)),
            ),
        ),
    ),
    # -- text 001: several neurons a layer ------------------------------------------------------
    Row(
        "001", 87, r"C_0 = \sum_{j=0}^{n_L-1} (a_j^{(L)} - y)^2", CORRECTED,
        (Comes(SIGMOIDS, "C_0", SQUARES),),
    ),
    Row(
        "001", 91, r"a_j^{(L)} = \sigma(z_j^{(L)})", RIGHT,
        (Comes(SIGMOIDS, aj, rf"\sigma({zj})"),),
    ),
    # Three neurons in the layer before are n_(l-1) of them.
    Row(
        "001", 95, r"z_j^{(L)} = \sum_{k=0}^{3-1} w_{jk}^{(L)} a_k^{(L-1)} + b_j^{(L)}", RIGHT,
        (Comes(SIGMOIDS, zj, WEIGHTED_INPUT),),
    ),
    Row(
        "001", 99,
        r"\frac{\partial C_0}{\partial w_{jk}^{(L)}}"
        r" = \frac{\partial z_j^{(L)}}{\partial w_{jk}^{(L)}}"
        r" \frac{\partial a_j^{(L)}}{\partial z_j^{(L)}} \frac{\partial C_0}{\partial a_j^{(L)}}",
        RIGHT,
        (Comes(SIGMOIDS, d("C_0", WJK), d("C_0", AJ) + d(AJ, ZJ) + d(ZJ, WJK)),),
    ),
    Row(
        "001", 103,
        r"\frac{\partial C_0}{\partial b_j^{(L)}} = \frac{\partial z_j^{(L)}}{\partial b_j^{(L)}}"
        r" \frac{\partial a_j^{(L)}}{\partial z_j^{(L)}} \frac{\partial C_0}{\partial a_j^{(L)}}",
        RIGHT,
        (Comes(SIGMOIDS, d("C_0", BJ), d("C_0", AJ) + d(AJ, ZJ) + d(ZJ, BJ)),),
    ),
    Row(
        "001", 111,
        r"\frac{\partial C_0}{\partial a_k^{(L-1)}} = \sum_{j=0}^{n_L-1}"
        r" \frac{\partial z_j^{(L)}}{\partial a_k^{(L-1)}}"
        r" \frac{\partial a_j^{(L)}}{\partial z_j^{(L)}} \frac{\partial C_0}{\partial a_j^{(L)}}",
        RIGHT,
        (
            Comes(
                SIGMOIDS,
                d("C_0", ak_before),
                sums("j", "n_l") + d("C_0", aj) + d(aj, zj) + d(zj, ak_before),
            ),
        ),
    ),
    # C is the mean: this holds for the cost of one sample, and under the sum for the mean.
    Row(
        "001", 117,
        r"\frac{\partial C}{\partial w_{jk}^{(l)}}"
        r" = a_k^{(l-1)} \sigma'(z_j^{(l)}) \frac{\partial C}{\partial a_j^{(l)}}",
        CORRECTED,
        (
            Comes(SIGMOIDS, d("C_0", wjk), rf"{d('C_0', aj)} \sigma'({zj}) {ak_before}"),
            Comes(SIGMOIDS, d("C", wjk), rf"\frac{{1}}{{N}} {sums('s', 'N')}{d('C_s', wjk)}"),
        ),
    ),
    Row(
        "001", 121,
        r"\frac{\partial C}{\partial a_j^{(l)}} = \sum_{k=0}^{n_{l+1}-1} w_{jk}^{(l+1)}"
        r" \sigma'(z_j^{(l+1)}) \frac{\partial C}{\partial a_j^{(l+1)}}",
        CORRECTED,
        (
            Comes(
                SIGMOIDS,
                d("C_0", aj),
                sums("k", "n_{l+1}") + d("C_0", "a_k^{(l+1)}")
                + r"\sigma'(z_k^{(l+1)}) w_{kj}^{(l+1)}",
                case="l < L",
            ),
        ),
    ),
    Row(
        "001", 125, r"\frac{\partial C}{\partial a_j^{(l)}} = 2(a_j^{(L)} - y_j)", CORRECTED,
        (
            Comes(SIGMOIDS, d("C_0", aj), COST_J, case="l = L"),
            Comes(SIGMOIDS, d("C_0", AJ), COST_J),
        ),
    ),
    # -- text 002: what it says in words --------------------------------------------------------
    Row("002", 19, "z_j: weights times activations before, summed, and the bias", RIGHT,
        (Comes(NUMBERED, zj, WEIGHTED_INPUT),)),
    Row("002", 29, "the squared difference at one output", RIGHT,
        (Comes(NUMBERED, "C_{0j}", f"({AJ} - y_j)^{{2}}"),)),
    # The loss is their sum, not their mean.
    Row("002", 33, "the sum of the squared differences over the outputs", CORRECTED,
        (Comes(NUMBERED, "C_0", SQUARES),)),
    Row("002", 39, "one weight times one activation", NO_EQUATION),
    Row("002", 41, "z_j: the weighted sum over the layer before", RIGHT,
        (Comes(NUMBERED, zj, WEIGHTED_INPUT),)),
    Row("002", 45, "a_j is the activation function of z_j", RIGHT,
        (Comes(NUMBERED, aj, f"g^{{(l)}}({zj})"),)),
    Row("002", 49, "C_0 as the sum of squared differences, again", RIGHT,
        (Comes(NUMBERED, "C_0", SQUARES),)),
    Row("002", 51, "C_0j for a single output, again", RIGHT,
        (Comes(NUMBERED, "C_{0j}", f"({AJ} - y_j)^{{2}}"),)),
    Row("002", 53, "C_0j as a function of a_j", RIGHT,
        (Comes(NUMBERED, "C_{0j}", f"C_{{0j}}({AJ})"),)),
    Row("002", 57, "C_0j as a composition: of a_j, of z_j, of w_j", RIGHT,
        (Comes(NUMBERED, "C_{0j}", f"C_{{0j}}({AJ}({ZJ}(w_j^{{(L)}})))"),)),
    Row("002", 61, "C_0 as the sum of these compositions", RIGHT,
        (Comes(NUMBERED, "C_0", f"{sums('j', 'n_L')}C_{{0j}}({AJ}({ZJ}(w_j^{{(L)}})))"),)),
    Row("002", 67, "the derivative by w_12", NO_EQUATION),
    Row("002", 69, "its chain rule", RIGHT,
        (Comes(NUMBERED, d("C_0", W12), d("C_0", A1) + d(A1, Z1) + d(Z1, W12)),)),
    # It is the derivative by a_1, not by the weight.
    Row("002", 75, "twice the difference at output 1", CORRECTED,
        (Comes(NUMBERED, d("C_0", A1), f"2({A1} - y_1)"),)),
    Row("002", 79, "the derivative of a_1 by z_1", NO_EQUATION),
    Row("002", 81, "a_j is the activation function of z_j, again", RIGHT,
        (Comes(NUMBERED, aj, f"g^{{(l)}}({zj})"),)),
    Row("002", 83, "the same at node 1", RIGHT,
        (Comes(NUMBERED, A1, f"g^{{(L)}}({Z1})"),)),
    Row("002", 85, "the derivative of a_1 by z_1 is the slope at z_1", RIGHT,
        (Comes(NUMBERED, d(A1, Z1), rf"g^{{(L)\prime}}({Z1})"),)),
    # Only z_1 responds to w_12, not any z_j.
    Row("002", 89, "any z_j responds to w_12 with a_2", CORRECTED,
        (Comes(NUMBERED, d(Z1, W12), A2),)),
    Row("002", 93, "the chain rule, again", RIGHT,
        (Comes(NUMBERED, d("C_0", W12), d("C_0", A1) + d(A1, Z1) + d(Z1, W12)),)),
    Row("002", 95, "the three terms put together", RIGHT,
        (Comes(NUMBERED, d("C_0", W12), rf"2({A1} - y_1) g^{{(L)\prime}}({Z1}) {A2}"),)),
    Row("002", 97, "the mean over all samples", RIGHT,
        (Comes(NUMBERED, d("C", W12), rf"\frac{{1}}{{N}} {sums('s', 'N')}{d('C_s', W12)}"),)),
    Row("002", 103, "the derivative in the output layer, again", RIGHT,
        (Comes(NUMBERED, d("C_0", W12), d("C_0", A1) + d(A1, Z1) + d(Z1, W12)),)),
    Row("002", 105, "the chain rule for w_22 one layer before", RIGHT,
        (Comes(NUMBERED, d("C_0", W22), d("C_0", A2) + d(A2, Z2) + d(Z2, W22)),)),
    Row("002", 117, "the derivative by a_2 as a sum over the outputs", RIGHT,
        (Comes(NUMBERED, d("C_0", A2), sums("j", "n_L") + d("C_0", AJ) + d(AJ, ZJ) + d(ZJ, A2)),)),
    # z_j responds to a_2, not a_2 to z_j.
    Row("002", 121, "a_2 responds to z_j with the weight between them", CORRECTED,
        (Comes(NUMBERED, d(ZJ, A2), "w_{j2}^{(L)}"),)),
    Row("002", 121, "the derivative by a_2 with all terms put in", RIGHT,
        (Comes(NUMBERED, d("C_0", A2),
               rf"{sums('j', 'n_L')}{COST_J} g^{{(L)\prime}}({ZJ}) w_{{j2}}^{{(L)}}"),)),
    Row("002", 123, "the chain rule for w_22 into which it goes", RIGHT,
        (Comes(NUMBERED, d("C_0", W22), d("C_0", A2) + d(A2, Z2) + d(Z2, W22)),)),
    # -- text 003: one neuron a layer, layer 2 is the last --------------------------------------
    Row("003", 46, r"x \rightarrow a^{l-1} \rightarrow  a^{l} \rightarrow  output", NO_EQUATION),
    Row(
        "003", 56, r"a^{l} = \sigma(w^l a^{l-1}+b^l).", RIGHT,
        (Comes(HALF, al, rf"\sigma({wl} {am} + {bl})"),),
    ),
    Row(
        "003", 72, r"C = \frac{1}{2} \|y-a^L\|^2", RIGHT,
        (Comes(HALF, "C_0", rf"\frac{{1}}{{2}} ({AL} - y)^{{2}}"),),
    ),
    Row(
        "003", 81, r"C = \frac{1}{2} \sum_j (y_j-a^L_j)^2,", RIGHT,
        (Comes(GENERAL_HALF, "C_0", rf"\frac{{1}}{{2}} {SQUARES}"),),
    ),
    Row(
        "003", 129,
        r"\delta C_0/\delta w^l = \delta z^l/\delta w^l . \delta a^l/\delta z^l"
        r" . \delta C_0/\delta a^l",
        RIGHT,
        (Comes(HALF, d("C_0", wl), d("C_0", al) + d(al, zl) + d(zl, wl)),),
    ),
    # The cost of one example is the mean of one.
    Row(
        "003", 153, r"W^l_{new} = W^l_{old} - learningRate* \delta C_0/ \delta w^l", RIGHT,
        (Comes(HALF, wl, rf"{wl} - \eta {d('C', wl)}", sign=r"\leftarrow"),),
    ),
    Row(
        "003", 163,
        r"\delta C_0/\delta w^{l-1} = \delta z^{l-1}/\delta w^{l-1}"
        r" . \delta a^{l-1}/\delta z^{l-1} . \delta C_0/\delta a^{l-1}",
        RIGHT,
        (Comes(TWO_LAYERS, d("C_0", WM), d("C_0", AM) + d(AM, ZM) + d(ZM, WM)),),
    ),
    Row(
        "003", 169, r"W^{l-1}_{new} = W^{l-1}_{old} - learningRate* \delta C_0/ \delta w^{l-1}",
        RIGHT,
        (Comes(TWO_LAYERS, WM, rf"{WM} - \eta {d('C', WM)}", sign=r"\leftarrow"),),
    ),
    Row("003", 193, r"x \rightarrow a^{l-1} \rightarrow  a^{l} \rightarrow  y", NO_EQUATION),
    Row(
        "003", 198, r"a^{l} = \sigma(w^l a^{l-1}+b^l).", RIGHT,
        (Comes(HALF, al, rf"\sigma({wl} {am} + {bl})"),),
    ),
    Row(
        "003", 204, r"a^{l} = \sigma(z^l) \quad where \quad z^l =w^l a^{l-1} +b^l", RIGHT,
        (Comes(HALF, al, rf"\sigma({zl})"), Comes(HALF, zl, f"{wl} {am} + {bl}")),
    ),
    Row(
        "003", 212,
        r"\frac{\partial a^{l} }{\partial z^l} = \frac{\partial \sigma (z^{l}) }{\partial z^l}"
        r" = \sigma' (a^{l})",
        CORRECTED,
        (
            Comes(HALF, d(al, zl), d(rf"\sigma({zl})", zl)),
            Comes(HALF, d(al, zl), rf"\sigma'({zl})"),
        ),
    ),
    Row("003", 224, r"a^0 \rightarrow a^{1} \rightarrow  a^{2} \rightarrow  y", NO_EQUATION),
    Row(
        "003", 234,
        r"\frac {\partial C}{\partial w^l} = \frac {\partial z^l}{\partial w^l}"
        r" . \frac {\partial a^l}{\partial z^l} . \frac {\partial C}{\partial a^l}"
        r" = \frac {\partial a^l}{\partial w^l} . \frac {\partial C}{\partial a^l}",
        RIGHT,
        (
            Comes(HALF, d("C_0", wl), d("C_0", al) + d(al, zl) + d(zl, wl)),
            Comes(HALF, d("C_0", wl), d("C_0", al) + d(al, wl)),
        ),
    ),
    Row(
        "003", 249,
        r"\frac {\partial C}{\partial w^2} = \frac {\partial z^2}{\partial w^2}"
        r" . \frac {\partial a^2}{\partial z^2} . \frac {\partial C}{\partial a^2}",
        RIGHT,
        (Comes(TWO_LAYERS, d("C_0", WL), d("C_0", AL) + d(AL, ZL) + d(ZL, WL)),),
    ),
    # The bias, which the text leaves out of z, is constant.
    Row(
        "003", 257,
        r"\frac{\partial z^{2} }{\partial w^2} = \frac{\partial a^1.w^2}{\partial w^2} =a^1", RIGHT,
        (
            Comes(TWO_LAYERS, d(ZL, WL), by(WL, f"{WL} {AM}") + " + " + d(BL, WL)),
            Comes(TWO_LAYERS, d(ZL, WL), AM),
        ),
    ),
    Row(
        "003", 265,
        r"\frac{\partial a^{2} }{\partial z^2} = \frac{\partial \sigma(z^2) }{\partial z^2}"
        r" =\sigma' (z^{2})",
        RIGHT,
        (
            Comes(TWO_LAYERS, d(AL, ZL), d(rf"\sigma({ZL})", ZL)),
            Comes(TWO_LAYERS, d(AL, ZL), SLOPE_L),
        ),
    ),
    Row(
        "003", 273,
        r"\frac{\partial C}{\partial(a^2)}"
        r" = \frac {\partial({\frac{1}{2} \|y-a^2\|^2)}}{\partial(a^2)}"
        r" = \frac{1}{2}*2*(a^2-y) =(a^2-y)",
        RIGHT,
        (
            Comes(HALF, d("C_0", AL),
                  rf"\frac{{\partial}}{{\partial {AL}}}"
                  rf"\left(\frac{{1}}{{2}} ({AL} - y)^{{2}}\right)"),
            Comes(HALF, d("C_0", AL), rf"\frac{{1}}{{2}} \cdot 2({AL} - y)"),
            Comes(HALF, d("C_0", AL), DIFFERENCE),
        ),
    ),
    Row(
        "003", 282, r"\frac {\partial C}{\partial w^2} =  a^1* \sigma' (z^{2})*(a^2-y)", RIGHT,
        (Comes(TWO_LAYERS, d("C_0", WL), f"{COST_HALF} {SLOPE_L} {AM}"),),
    ),
    Row(
        "003", 292,
        r"\frac {\partial C}{\partial w^1}= \frac {\partial z^1}{\partial w^1}"
        r". \frac {\partial a^1}{\partial z^1}. \frac {\partial C}{\partial a^1}",
        RIGHT,
        (Comes(TWO_LAYERS, d("C_0", WM), d("C_0", AM) + d(AM, ZM) + d(ZM, WM)),),
    ),
    Row(
        "003", 298,
        r"\frac{\partial z^{1} }{\partial w^1} = \frac{\partial a^0.w^1}{\partial w^1} =a^0", RIGHT,
        (
            Comes(HALF, d(zl, wl), by(wl, f"{wl} {am}") + " + " + d(bl, wl)),
            Comes(HALF, d(zl, wl), am),
        ),
    ),
    Row(
        "003", 306,
        r"\frac{\partial a^{1} }{\partial z^1} = \frac{\partial \sigma(z^1) }{\partial z^1}"
        r" =\sigma' (z^{1})",
        RIGHT,
        (
            Comes(HALF, d(al, zl), d(rf"\sigma({zl})", zl)),
            Comes(HALF, d(al, zl), rf"\sigma'({zl})"),
        ),
    ),
    Row(
        "003", 314,
        r"\frac{\partial C}{\partial(a^1)}"
        r" =  \frac{\partial C}{\partial(a^2)}.\frac{\partial(a^2)}{\partial(a^1)}",
        RIGHT,
        (Comes(HALF, d("C_0", am), d("C_0", al) + d(al, am)),),
    ),
    # Each factor of the third line is shown where the local derivative is.
    Row(
        "003", 318,
        r"\frac {\partial C}{\partial(a^2)} =(a^2-y) \\"
        r" \frac{\partial(a^2)}{\partial(a^1)}"
        r" =  \frac{\partial(a^2)}{\partial(z^2)}. \frac{\partial(z2)}{\partial(a^1)} \\"
        r" \frac{\partial \sigma (z^2)}{\partial(z^2)} .\frac{\partial(w^2.a^1)}{\partial(a^1)} \\"
        r" \sigma'(z^2).w^2 \\"
        r" \frac{\partial(a^2)}{\partial(a^1)} = \sigma'(z^2).w^2",
        CORRECTED,
        (
            Comes(HALF, d("C_0", AL), DIFFERENCE),
            Comes(HALF, d(al, am), d(al, zl) + d(zl, am)),
            Comes(HALF, d(al, zl), d(rf"\sigma({zl})", zl)),
            Comes(HALF, d(zl, am), by(am, f"{wl} {am}") + " + " + d(bl, am)),
            Comes(HALF, d(al, am), rf"\sigma'({zl}) {wl}"),
        ),
    ),
    Row(
        "003", 348,
        r"\frac {\partial C}{\partial w^1} =a^0* \sigma'(z^1)*(a^2-y).\sigma'(z^2).w^2", RIGHT,
        (Comes(TWO_LAYERS, d("C_0", WM), f"{COST_HALF} {SLOPE_L} {WL} {SLOPE_M} {AK}"),),
    ),
    Row(
        "003", 358, r"\frac {\partial C}{\partial w^2} =  a^1* \sigma' (z^{2})*(a^2-y)", RIGHT,
        (Comes(TWO_LAYERS, d("C_0", WL), f"{COST_HALF} {SLOPE_L} {AM}"),),
    ),
)  # fmt: skip

SYMBOLS = (
    "L", "y_j", "C_0", "w_j^{(l)}", "w_{jk}^{(l)}", "z_j^{(l)}", "g^{(l)}", "a_j^{(l)}",
)  # fmt: skip
"""The symbols that text 000 defines in its table, its indices aside."""


@cache
def document(asked: Asked) -> DocumentView:
    """A derivation with everything that it can show."""
    network = Network.named(asked.model, asked.activations, asked.cost)
    derivation = network.derive(*asked.targets)
    report = derivation.verify()
    report.require()
    layout = Layout(derivation.derived, DEFAULT, LATEX, Detail.FULL, float("inf"))
    return layout.document("", report)


@cache
def equations(asked: Asked) -> frozenset[tuple[str, str, str, str]]:
    """Each line of a derivation: left side, sign, right side, and the case it is for."""
    found = set()
    for section in document(asked).sections:
        for equation in section.equations:
            left = plain(equation.left)
            for line in equation.lines:
                right = unwrapped(plain("".join(line.pieces)))
                found.add((left, equation.sign, right, ""))
                found |= {(left, equation.sign, *one) for one in cases(right)}
    return frozenset(found)


def cases(right: str) -> list[tuple[str, str]]:
    """The right sides of a line that is given in cases, each with its condition."""
    match = re.fullmatch(r"\\begin\{cases\}(.*)\\end\{cases\}", right)
    if match is None:
        return []
    return [
        (unwrapped(value), condition)
        for row in match[1].split(r"\\")
        for value, condition in [row.split(r"&\text{if}")]
    ]


def unwrapped(right: str) -> str:
    """A right side without parentheses around all of it."""
    depth = [right[:end].count("(") - right[:end].count(")") for end in range(1, len(right))]
    return right[1:-1] if right[:1] == "(" and all(depth) and right[-1] == ")" else right


def plain(formula: str) -> str:
    """A formula without spaces, break marks and what only sets its size."""
    for mark in (BREAK, r"\,", r"\displaystyle"):
        formula = formula.replace(mark, "")
    return re.sub(r"\s+", "", re.sub(r"\\\\\[\d+pt\]", r"\\\\", formula))


EXPECTATIONS = [
    pytest.param(one, id=f"{row.text}-l{row.line}-{number}")
    for row in ROWS
    for number, one in enumerate(row.comes, start=1)
]


@pytest.mark.parametrize("comes", EXPECTATIONS)
def test_an_equation_comes_out(comes: Comes) -> None:
    found = equations(comes.asked)
    left = plain(comes.left)
    wanted = (left, comes.sign, plain(comes.right), plain(comes.case))
    same_left = "\n".join(right for other, _, right, _ in sorted(found) if other == left)
    assert wanted in found, f"{left} = {wanted[2]} is not among\n{same_left}"


def test_there_is_a_row_for_every_display_and_for_every_worded_formula() -> None:
    counts = {name: sum(row.text == name for row in ROWS) for name in ("000", "001", "002", "003")}
    assert counts == {"000": 2, "001": 26, "002": 28, "003": 26}
    assert counts["000"] + counts["001"] + counts["003"] == 54
    places = [(row.text, row.line) for row in ROWS if row.text != "002"]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.text}-l{row.line}")
def test_what_is_no_equation_says_so(row: Row) -> None:
    if row.text != "002":
        stated = re.sub(r"_\{[^}]*\}", "", row.written)  # the bounds of sums aside
        assert (row.verdict is NO_EQUATION) == ("=" not in stated)
    assert (row.verdict is NO_EQUATION) == (not row.comes)


def test_three_displays_are_chains_of_arrows() -> None:
    arrows = [row for row in ROWS if r"\rightarrow" in row.written]
    assert [(row.text, row.line) for row in arrows] == [("003", 46), ("003", 193), ("003", 224)]
    assert all(row.verdict is NO_EQUATION for row in arrows)


def test_what_the_texts_get_wrong() -> None:
    wrong = [(row.text, row.line) for row in ROWS if row.verdict is CORRECTED]
    assert wrong == [
        ("001", 87), ("001", 117), ("001", 121), ("001", 125),
        ("002", 33), ("002", 75), ("002", 89), ("002", 121),
        ("003", 212), ("003", 318),
    ]  # fmt: skip


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_symbols_of_text_000_are_in_the_notation_table(symbol: str) -> None:
    assert plain(symbol) in {plain(row.symbol) for row in document(GENERAL).symbols}
