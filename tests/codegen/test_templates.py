"""The templates of code and the view they receive agree both ways."""

from dataclasses import fields

import pytest
from jinja2 import meta, nodes

from symbackprop.codegen.modules.view import ArrayView, ModuleView, RoutineView, WorkspaceView
from symbackprop.codegen.targets import TARGETS
from symbackprop.codegen.templates import environment, template_folder

FILES = sorted({row.template for row in TARGETS})
#: What Jinja itself has: of a loop, of a text, of a namespace.
JINJA = {"last", "index0", "startswith", "names"}


def tree(name):
    """The syntax tree of a template."""
    loader = environment().loader
    return environment().parse(loader.get_source(environment(), name)[0])


def chain(name):
    """A template, those that it extends, and those that any of them includes."""
    found = []
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.append(one)
            waiting += meta.find_referenced_templates(tree(one))
    return found


def variables(name):
    """The variables that a template and its chain read and nobody sets."""
    return set().union(*(meta.find_undeclared_variables(tree(one)) for one in chain(name)))


@pytest.mark.parametrize("name", FILES)
def test_a_template_reads_only_fields_of_the_view(name):
    assert len(chain(name)) > 1
    assert variables(name) <= {one.name for one in fields(ModuleView)}


def test_every_field_of_the_view_is_read_by_a_template():
    read = set().union(*map(variables, FILES))
    assert {one.name for one in fields(ModuleView)} == read


def test_every_attribute_is_a_field_of_a_view():
    read = set()
    for file in template_folder().iterdir():
        parsed = tree(file.name)
        read |= {one.attr for one in parsed.find_all(nodes.Getattr)}
        filters = [
            one for one in parsed.find_all(nodes.Filter) if one.name in ("map", "selectattr")
        ]
        read |= {
            word.value for one in filters for word in (*one.args, *(k.value for k in one.kwargs))
        }
    known = {one.name for view in (ArrayView, RoutineView, WorkspaceView) for one in fields(view)}
    assert read - JINJA == known


def test_every_template_belongs_to_a_target():
    used = {one for name in FILES for one in chain(name)}
    assert used == {file.name for file in template_folder().iterdir()}
