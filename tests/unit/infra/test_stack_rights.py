"""Who may do what: nothing is wide but what is listed with its reason."""

import pytest

from tests.support.terraform_source import (
    ALLOWED_WIDE,
    FOLDER,
    GRANTS_BESIDE_DOCUMENTS,
    local_values,
    resources,
    rights,
    sources,
    things,
    types,
    wide,
)

STACK = sources()
DOCUMENTS = things("data", "aws_iam_policy_document", STACK)
WRITES = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"}


def actions_of(document: str) -> set[str]:
    """Give the actions of a document and of those that it takes in."""
    body = DOCUMENTS[document]
    own = {action for statement in body.get("statement", []) for action in statement["actions"]}
    others = [source.split(".")[2] for source in body.get("source_policy_documents", [])]
    return own.union(*(actions_of(other) for other in others))


def test_nothing_is_wide_but_what_is_listed() -> None:
    assert len(rights(STACK)) > 40
    assert wide(STACK) == ALLOWED_WIDE


def test_no_action_is_wide() -> None:
    actions = [action for document in DOCUMENTS for action in actions_of(document)]

    assert len(actions) > 20
    assert [action for action in actions if "*" in action] == []


@pytest.mark.parametrize("field", ["not_actions", "not_resources", "effect"])
def test_no_statement_says_what_it_leaves_out(field: str) -> None:
    assert [name for name, body in DOCUMENTS.items() for each in body.get("statement", []) if field in each] == []


def test_rights_come_from_documents_alone() -> None:
    assert types(STACK) & GRANTS_BESIDE_DOCUMENTS == set()
    for name, policy in resources("aws_iam_role_policy", STACK).items():
        assert policy["policy"].startswith("${data.aws_iam_policy_document."), name
    for name, role in resources("aws_iam_role", STACK).items():
        assert role["assume_role_policy"].startswith("${data.aws_iam_policy_document.assumed_by_"), name
        assert role.keys() <= {"for_each", "count", "name", "assume_role_policy"}, name
    assert "policy" not in resources("aws_kms_key", STACK)["secrets"]


def test_every_function_has_a_role_of_its_own() -> None:
    functions = set(local_values(STACK)["functions"])
    roles = resources("aws_iam_role", STACK)["function"]
    policies = {name: body["role"] for name, body in resources("aws_iam_role_policy", STACK).items()}

    assert roles["for_each"] == "${local.functions}"
    assert {name for name in functions if policies[name] == f'${{aws_iam_role.function["{name}"].id}}'} == functions


@pytest.mark.parametrize("document", ["consumer", "sweeper", "archive", "scheduler", "logs", "secrets", "network"])
def test_only_the_api_writes_to_tables(document: str) -> None:
    assert actions_of(document) & WRITES == set()


def test_no_one_changes_or_deletes_an_event() -> None:
    on_events = {
        action
        for body in DOCUMENTS.values()
        for statement in body.get("statement", [])
        if any("aws_dynamodb_table.events" in resource for resource in statement.get("resources", []))
        for action in statement["actions"]
    }

    assert "dynamodb:PutItem" in on_events
    assert on_events & {"dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"} == set()


def test_no_source_is_left_out() -> None:
    assert len(STACK) == len(list(FOLDER.rglob("*.tf"))) > 10
