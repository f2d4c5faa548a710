"""The errors that symbackprop raises: what was met, what is wrong and what to do."""


class SymbackpropError(Exception):
    """Base of every error that a user of symbackprop can cause."""


class ModelError(SymbackpropError):
    """A model, a definition or an index that cannot be what was written."""


class UsageError(SymbackpropError):
    """A request that names something unknown, or asks for what does not exist."""


class NotSupported(SymbackpropError):
    """An expression that is outside what the calculus understands; the message names the place."""


class VerificationError(SymbackpropError):
    """A step of a derivation that does not hold in numbers: a defect of symbackprop itself."""


class InputError(SymbackpropError):
    """A file that cannot be read or written, or whose content is not what it should be."""
