import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.unit.house.source_files import ROOT, modules_of_app, shown

_MAX_MODULE_LINES: Final = 400
_MAX_FUNCTION_LINES: Final = 60
_SECRETS: Final = re.compile(r"(^|_)(secret|password|otp|seed|private|token)$")
_NAMES_THAT_SAY_NOTHING: Final = frozenset({"utils", "common", "core", "helpers", "base_service", "manager"})


def _calls_of(path: Path, method: str) -> list[str]:
    """Name the places in a module where a method of that name is called."""
    return [
        f"{shown(path)}:{node.lineno}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method
    ]


def test_nobody_outside_the_database_package_commits() -> None:
    outside = [path for path in modules_of_app() if ROOT / "app" / "db" not in path.parents]
    assert [place for path in outside for place in _calls_of(path, "commit")] == []


def _begins_to_write(expression: str) -> bool:
    return "database.write()" in expression or "database.append(" in expression


def test_only_services_and_the_sandbox_begin_a_transaction_that_writes() -> None:
    allowed = (ROOT / "app" / "services", ROOT / "app" / "db", ROOT / "app" / "sandbox")
    outside = [path for path in modules_of_app() if not any(folder in path.parents for folder in allowed)]
    begun = [
        f"{shown(path)}:{node.lineno}"
        for path in outside
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.AsyncWith)
        and any(_begins_to_write(ast.unparse(item.context_expr)) for item in node.items)
    ]
    assert begun == []


def test_modules_fit_a_reader() -> None:
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules_of_app()}
    assert {name: lines for name, lines in lengths.items() if lines > _MAX_MODULE_LINES} == {}


def test_functions_fit_a_screen() -> None:
    too_long = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in modules_of_app()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= _MAX_FUNCTION_LINES
    ]
    assert too_long == []


def test_package_files_stay_empty() -> None:
    packages = [*modules_of_app(), *(ROOT / "tests").rglob("*.py")]
    assert [shown(path) for path in packages if path.name == "__init__.py" and path.read_text().strip()] == []


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for root in ("app", "tests") for path in (ROOT / root).rglob("*.py")}
    assert [shown(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_names_of_modules_say_what_is_in_them() -> None:
    assert [shown(path) for path in modules_of_app() if path.stem in _NAMES_THAT_SAY_NOTHING] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        shown(path)
        for path in modules_of_app()
        if path.name != "__init__.py" and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def _shown_secrets(path: Path) -> Iterator[str]:
    """Name the fields of a module's dataclasses that hold a secret and would be printed with it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ClassDef) or not any(
            "dataclass" in ast.unparse(d) for d in node.decorator_list
        ):
            continue
        for member in node.body:
            if not isinstance(member, ast.AnnAssign) or not isinstance(member.target, ast.Name):
                continue
            # A token's own text is its `value`.
            is_token = node.name.endswith("Token") and member.target.id == "value"
            is_flag = ast.unparse(member.annotation) == "bool"
            is_hidden = member.value is not None and "repr=False" in ast.unparse(member.value)
            if (is_token or _SECRETS.search(member.target.id)) and not is_flag and not is_hidden:
                yield f"{shown(path)} {node.name}.{member.target.id}"


def test_no_dataclass_prints_a_secret() -> None:
    assert [place for path in modules_of_app() for place in _shown_secrets(path)] == []
