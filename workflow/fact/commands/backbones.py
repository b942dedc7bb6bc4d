"""``fact backbones``: what is declared, and how large it is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from fact.commands.columns import print_columns, print_json
from fact.commands.errors import plain_errors
from fact.commands.options import AsJson, Registries, spread_options

if TYPE_CHECKING:
    from fact.commands.planning.backbone_row import BackboneRow
    from fact.commands.planning.parameters import RecipeRow
    from fact.config.declared import Entry

BACKBONE_HEAD = ("backbone", "parameters", "image", "pooled", "tokens", "licence")


@plain_errors()
@spread_options
def backbones(
    name: Annotated[
        str | None, typer.Argument(help="Also say what each recipe trains of this backbone.")
    ] = None,
    classes: Annotated[int, typer.Option(min=1, help="Classes of the head that a recipe trains.")] = 10,
    as_json: AsJson = False,
    *,
    registries: Registries,
) -> None:
    """List the declared backbones: parameters, pooled vector, token grid, licence."""
    asked = registries.chosen("backbones", [name] if name else [])
    rows = [_row(key, entry) for key, entry in asked.items()]
    recipes: list[RecipeRow] = []
    if name:
        from fact.commands.planning.parameters import recipe_rows

        recipes = recipe_rows(name, asked[name], registries.entries("recipes"), num_classes=classes)
    if as_json:
        print_json({"backbones": _plain(rows), "recipes": _plain(recipes)})
        return
    print_columns([BACKBONE_HEAD, *map(_backbone_cells, rows)])
    if name:
        print(f"\nrecipes on {name} with {classes} classes:")
        print_columns([("recipe", "trained", "share"), *map(_recipe_cells, recipes)])


def _row(name: str, entry: "Entry") -> "BackboneRow":
    """Return the row that is stored, which imports no torch, or else a computed one."""
    from fact.commands.planning.backbone_row import stored_row

    if row := stored_row(name, entry):
        return row
    from fact.commands.planning.parameters import backbone_row

    return backbone_row(name, entry)


def _plain(rows: "Sequence[BackboneRow] | Sequence[RecipeRow]") -> list[dict[str, object]]:
    return [row._asdict() for row in rows]


def _backbone_cells(row: "BackboneRow") -> tuple[str, ...]:
    tokens = "×".join(map(str, row.tokens)) if row.tokens else "none"
    sizes = (f"{row.parameters:,}", str(row.image_size), str(row.pooled), tokens)
    return (row.name, *sizes, row.license or "not stated")


def _recipe_cells(row: "RecipeRow") -> tuple[str, ...]:
    if row.refusal:
        return (row.name, "-", row.refusal)
    return (row.name, f"{row.trainable:,}", f"{100 * row.trainable / row.total:.2f} %")
