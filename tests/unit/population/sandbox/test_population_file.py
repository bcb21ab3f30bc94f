"""A population file that breaks a rule does not load, and the error tells where, and nothing of whom."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.adapters.population.factory import SANDBOX_POPULATION
from app.adapters.population.sandbox import population_file
from app.adapters.population.sandbox.population_file import (
    PopulationFileError,
    check_population,
    open_population,
)
from app.domain.identity_number import IdentityNumber

Content = dict[str, Any]

NAME, NUMBER, OTHERS_NUMBER, OLD_NUMBER = "NGUYỄN THỊ MINH NGỌC", "100190000001", "100088000002", "000000101"


def make_content() -> Content:
    content: Content = json.loads(SANDBOX_POPULATION.read_text(encoding="utf-8"))
    return content


def write(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "people.json"
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


def fault_of(path: Path) -> str:
    with pytest.raises(PopulationFileError) as raised, open_population(path):
        pass
    return str(raised.value)


def test_a_file_is_looked_at_before_it_is_opened(tmp_path: Path) -> None:
    check_population(SANDBOX_POPULATION)
    for path, what in (
        (tmp_path / "none.json", "cannot be read"),
        (write(tmp_path, " []"), "no JSON object"),
    ):
        with pytest.raises(PopulationFileError, match=what):
            check_population(path)


def test_the_sandboxs_own_file_loads() -> None:
    with open_population(SANDBOX_POPULATION) as population:
        assert len(population) == len(make_content()["citizens"])


def test_everybody_of_the_sandbox_is_found_by_each_number() -> None:
    with open_population(SANDBOX_POPULATION) as population:
        for position, citizen in enumerate(make_content()["citizens"]):
            for number in filter(None, (citizen["id_number"], citizen["old_id_number"])):
                assert population.position(IdentityNumber(number)) == position
            assert population.person(position).model_dump(mode="json") == citizen


def test_an_old_number_is_not_the_new_one_with_zeros_before_it() -> None:
    with open_population(SANDBOX_POPULATION) as population:
        assert population.position(IdentityNumber("000" + OLD_NUMBER)) is None


@pytest.mark.parametrize("first", ["households", "scripted", "relationship_labels"])
def test_the_order_of_the_files_members_does_not_matter(tmp_path: Path, first: str) -> None:
    content = make_content()
    path = write(tmp_path, {first: content[first]} | content)
    with open_population(path) as population:
        position = population.position(IdentityNumber(OTHERS_NUMBER))
        assert position is not None
        assert population.membership(position) == (population.position(IdentityNumber(NUMBER)), "CH02")


def test_members_of_the_file_that_are_not_the_mocks_are_left_alone(tmp_path: Path) -> None:
    content = make_content() | {"agencies": 7, "remarks": [1, None, {"deep": [[]]}], "empty": []}
    with open_population(write(tmp_path, content)) as population:
        assert len(population)


def _in_citizen(**values: object) -> Callable[[Content], None]:
    return lambda content: content["citizens"][1].update(values)


def _household(**values: object) -> Callable[[Content], None]:
    return lambda content: content["households"][1].update(values)


def _without(name: str) -> Callable[[Content], None]:
    def remove(content: Content) -> None:
        del content["citizens"][1][name]

    return remove


def _ward_without_code(content: Content) -> None:
    del content["citizens"][1]["permanent_address"]["ward"]["code"]


def _nobody(content: Content) -> None:
    content["citizens"] = []


def _no_labels(content: Content) -> None:
    del content["relationship_labels"]


def _odd_script(content: Content) -> None:
    content["scripted"][OTHERS_NUMBER + "0"] = "timeout"


def _unknown_script(content: Content) -> None:
    content["scripted"]["100999000009"] = "explode"


def _scripted_citizen(content: Content) -> None:
    content["scripted"][NUMBER] = "timeout"


def _too_many_codes(content: Content) -> None:
    for index, household in enumerate(content["households"]):
        household["members"] = {f"1008{index:02d}{number:06d}": f"X{index}-{number}" for number in range(40)}


@pytest.mark.parametrize(
    ("break_it", "place"),
    [
        (_in_citizen(id_number="10008800000"), "citizens[1].id_number"),
        (_in_citizen(id_number="10008800000２"), "citizens[1].id_number"),
        (_in_citizen(id_number="100088000002\n"), "citizens[1].id_number"),
        (_in_citizen(id_number=100088000002), "citizens[1].id_number"),
        (_in_citizen(id_number=NUMBER), ".id_number: another citizen has it too"),
        (_in_citizen(old_id_number=OLD_NUMBER), ".old_id_number: another citizen has it too"),
        (_in_citizen(old_id_number="00000010"), "citizens[1].old_id_number"),
        (_in_citizen(full_name=" "), "citizens[1].full_name"),
        (_in_citizen(full_name=f"{NAME}\u202e"), "citizens[1].full_name"),
        (_in_citizen(birth_date="1990-02-30"), "citizens[1].birth_date"),
        (_in_citizen(birth_date="30/7/1990"), "citizens[1].birth_date"),
        (_in_citizen(birth_date=None), "citizens[1].birth_date"),
        (_in_citizen(life_status="asleep"), "citizens[1].life_status"),
        (_in_citizen(father=NAME), "citizens[1].father"),
        (_in_citizen(favourite_colour=NAME), "citizens[1].favourite_colour"),
        (_without("spouse"), "citizens[1].spouse"),
        (_ward_without_code, "citizens[1].permanent_address.ward.code"),
        (_nobody, "citizens and relationship_labels must be there"),
        (_no_labels, "citizens and relationship_labels must be there"),
        (_household(head="100000000000"), "households[1]: somebody of it is not among the citizens"),
        (_household(members={"100000000000": "CH03"}), "households[1]: somebody of it is not among"),
        (_household(members={NUMBER: "CH03"}), "households[1]: somebody of it is in a household already"),
        (_household(members={NUMBER[1:]: "CH03"}), "households[1].members"),
        (_household(members={NUMBER: 3}), "households[1].members"),
        (_too_many_codes, "more than 256 relationship codes"),
        (_odd_script, "scripted"),
        (_unknown_script, "scripted"),
        (_scripted_citizen, "scripted: one of the numbers is a citizen's"),
    ],
)
def test_a_broken_rule_is_told_by_its_place(
    tmp_path: Path, break_it: Callable[[Content], None], place: str
) -> None:
    content = make_content()
    break_it(content)
    fault = fault_of(write(tmp_path, content))
    assert fault.startswith("people.json: ")
    assert place in fault
    assert not any(secret in fault for secret in (NAME, NUMBER, OTHERS_NUMBER, OLD_NUMBER, str(tmp_path)))


@pytest.mark.parametrize(
    "text", ["", "[]", "null", '{"citizens": [', '{"citizens": [{"full_name": "NGUYỄN', '{"citizens": []} x']
)
def test_what_is_not_the_json_expected_is_told_by_its_byte(tmp_path: Path, text: str) -> None:
    fault = fault_of(write(tmp_path, text))
    assert "at byte" in fault
    assert "NGUYỄN" not in fault


def test_more_people_than_the_index_can_hold_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(population_file, "MOST_PEOPLE", 3)
    assert fault_of(write(tmp_path, make_content())) == "people.json: more than 3 citizens"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "none.json") == "none.json: cannot be read: No such file or directory"


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    path.write_bytes(SANDBOX_POPULATION.read_text(encoding="utf-8").encode("utf-16"))
    assert "not UTF-8" in fault_of(path)
